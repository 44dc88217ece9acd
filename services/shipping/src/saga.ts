import { groups, lingeringIn } from '@skald/contracts';
import { type Decision, type DecisionContext, type Input, PoisonError, type Reactor } from '@skald/messaging';
import { isOurs, nonsenseIn, type SagaEvent } from './inputs.ts';
import { decideShipment, type ShipmentChange } from './shipment.ts';
import { load, save } from './store.ts';
import { evolve, shipmentOf, type World } from './world.ts';

/** Shipping's part in the saga: what happened, and what shipping does about it. */
export const saga = {
  OrderContact: 'book',
  PaymentCompleted: 'book',
  OrderConfirmed: 'dispatch',
  OrderCancelled: 'callOff',
} as const satisfies Record<SagaEvent, string>;

export const reactor: Reactor<World, ShipmentChange> = {
  consumes: groups.shipping,
  lingering: lingeringIn('shipping'),
  unread: {
    OrderCreated: 'the address comes with OrderContact, the word to book with PaymentCompleted',
    PaymentFailed: 'an order that is not paid is cancelled',
    PaymentRefunded: 'an order that was refunded was cancelled before',
  },
  load,
  decide,
  evolve,
  save,
};

function decide(world: World, input: Input, context: DecisionContext): Decision<ShipmentChange> {
  if (!isOurs(input)) return { outcome: 'ignore', reason: 'no business of shipping' };
  const nonsense = nonsenseIn(input);
  if (nonsense !== undefined) throw new PoisonError('NONSENSE', `${input.name}: ${nonsense}`);
  return decideShipment(shipmentOf(world, input.key), input.name, input.data, context);
}
