import { groups, lingeringIn } from '@skald/contracts';
import {
  type Decision,
  type DecisionContext,
  type EventInput,
  PoisonError,
  type Reactor,
} from '@skald/messaging';
import { catalogue, openingStock } from './catalogue.ts';
import { type Command, isOurs, nonsenseIn, type SagaEvent } from './inputs.ts';
import { type ReservationChange, rules, type Situation, type Verb, type Verbs } from './reservation.ts';
import { count, type Stock } from './stock.ts';
import { load, save } from './store.ts';
import { type Change, evolve, reservationOf, type World } from './world.ts';

/** Inventory's part in the saga: what happened, and what inventory does about it. */
export const saga = {
  OrderCreated: 'reserve',
  OrderConfirmed: 'ship',
  OrderCancelled: 'release',
} as const satisfies Record<SagaEvent, Verb>;

export const reactor: Reactor<World, Change> = {
  consumes: groups.inventory,
  lingering: lingeringIn('inventory'),
  load,
  decide(world, input, context) {
    return input.kind === 'event' ? react(world, input, context) : execute(world, input as Command, context);
  },
  evolve,
  save,
};

function react(world: World, input: EventInput, { now }: DecisionContext): Decision<Change> {
  if (!isOurs(input)) return { outcome: 'ignore', reason: 'no business of inventory' };
  const nonsense = nonsenseIn(input);
  if (nonsense !== undefined) throw new PoisonError('NONSENSE', `${input.name}: ${nonsense}`);
  const situation = { reservation: reservationOf(world, input.key), stock: world.stock, now };
  return follow(saga[input.name], input.data, situation);
}

const follow = <V extends Verb>(verb: V, told: Verbs[V], situation: Situation): Decision<ReservationChange> =>
  rules[situation.reservation.state][verb](situation, told);

function execute(world: World, command: Command, { now }: DecisionContext): Decision<Change> {
  return command.name === 'CountStock'
    ? countStock(world.stock.get(command.data.sku), command.data.onHand)
    : listCatalogue(world, now);
}

function countStock(stock: Stock | undefined, onHand: number): Decision<Change> {
  if (stock === undefined) return { outcome: 'ignore', reason: 'a SKU that we do not have', reply: null };
  const counted = count(stock, onHand);
  return { outcome: 'apply', change: { stock: [counted] }, reply: counted };
}

function listCatalogue(world: World, now: number): Decision<Change> {
  if (world.catalogueIsListed) return { outcome: 'ignore', reason: 'listed already', reply: 0 };
  return {
    outcome: 'apply',
    change: { products: catalogue, stock: catalogue.map(openingStock) },
    events: catalogue.map(({ sku, name, unitPrice, currency }) => ({
      name: 'ProductListed',
      key: sku,
      data: { sku, name, unitPrice: { amount: unitPrice, currency }, listedAt: now },
      // The products' own rows count their versions: new ones start at 1.
      sequence: 1,
    })),
    reply: catalogue.length,
  };
}
