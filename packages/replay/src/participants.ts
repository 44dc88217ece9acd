import { fileURLToPath } from 'node:url';
import { emailTemplates, type GroupName, type ServiceName } from '@skald/contracts';
import { createWorld as createMails, reactor as email, mailOf } from '@skald/email/simulation';
import {
  createWorld as createReservations,
  reactor as inventory,
  reservationOf,
} from '@skald/inventory/simulation';
import type { Reactor } from '@skald/messaging';
import { claimId, createCatalogue, createReactor, emptyWorld, initialState } from '@skald/order/simulation';
import { createWorld as createPayments, reactor as payment, paymentOf } from '@skald/payment/simulation';
import { createWorld as createShipments, shipmentOf, reactor as shipping } from '@skald/shipping/simulation';

/** What a service says of one order: the state's name, and what is known in it. */
export interface OrderState {
  readonly state: string;
  readonly [detail: string]: unknown;
}

/** A service's own rules. What a world is, each knows for itself. */
export interface Participant<World = unknown, Change = unknown> {
  readonly reactor: Reactor<World, Change>;
  /** The world before anything has happened to this order, for rules that run without a database. */
  blank(orderId: string, customerId: string): World;
  stateOf(world: World, orderId: string): OrderState;
}

/** How long an order may be pending, ms: the order service's default. */
const DEADLINE_MS = 900_000;

/** Where a service's SQL lies. Sources and build lie at the same depth. */
export const migrationsOf = (group: GroupName): string =>
  fileURLToPath(new URL(`../../../services/${group}/migrations`, import.meta.url));

const participant = <World, Change>(parts: Participant<World, Change>): Participant =>
  parts as unknown as Participant;

/** Who takes part in the saga. The read model's projection is told what they publish: projection.ts. */
export const participants: Readonly<Record<ServiceName, Participant>> = {
  order: participant({
    reactor: createReactor(createCatalogue(), DEADLINE_MS),
    // As if its Idempotency-Key had just been claimed.
    blank: (orderId, customerId) =>
      emptyWorld(new Map([[claimId(customerId, orderId), { orderId, fingerprint: '', fresh: true }]])),
    stateOf({ orders }, orderId) {
      const { status, ...order } = orders.get(orderId) ?? initialState;
      return { state: status, version: order.version, ...('reason' in order && { reason: order.reason }) };
    },
  }),
  inventory: participant({
    reactor: inventory,
    blank: () => createReservations(),
    stateOf: (world, orderId) => withoutOrder(reservationOf(world, orderId)),
  }),
  payment: participant({
    reactor: payment,
    blank: () => createPayments(),
    stateOf: (world, orderId) => withoutOrder(paymentOf(world, orderId)),
  }),
  shipping: participant({
    reactor: shipping,
    blank: () => createShipments(),
    stateOf: (world, orderId) => withoutOrder(shipmentOf(world, orderId)),
  }),
  email: participant({
    reactor: email,
    blank: () => createMails(),
    stateOf(world, orderId) {
      const mails = emailTemplates.map((template) => mailOf(world, orderId, template));
      const asked = mails.filter(({ state }) => state !== 'none');
      if (asked.length === 0) return { state: 'none' };
      const templates = Object.fromEntries(asked.map(({ template, state }) => [template, state]));
      return { state: Object.values(templates).join(' + '), ...templates };
    },
  }),
};

const withoutOrder = <State extends { readonly orderId: string; readonly state: string }>({
  orderId: _orderId,
  ...state
}: State): OrderState => state;
