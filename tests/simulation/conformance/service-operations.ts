import { fileURLToPath } from 'node:url';
import type { ServiceName } from '@skald/contracts';
import { reactor as emailReactor } from '@skald/email/simulation';
import { reactor as inventoryReactor } from '@skald/inventory/simulation';
import type { Input, Reactor } from '@skald/messaging';
import { lockInbox, type Queryable } from '@skald/messaging/simulation';
import { createCatalogue, createReactor, orderExists, overdueOrders } from '@skald/order/simulation';
import { reactor as paymentReactor } from '@skald/payment/simulation';
import { findAddresses, reactor as shippingReactor } from '@skald/shipping/simulation';
import { createEmailTables, emailStatements } from '../database/email-statements.ts';
import {
  createInventoryTables,
  type InventoryTables,
  inventoryStatements,
} from '../database/inventory-statements.ts';
import { createOrderTables, orderStatements } from '../database/order-statements.ts';
import { createPaymentTables, paymentStatements } from '../database/payment-statements.ts';
import { type Execute, put } from '../database/server.ts';
import { createShippingTables, shippingStatements } from '../database/shipping-statements.ts';
import { type Perform, transactions } from './answers.ts';
import { AT, inputOf, orderIds, uuid } from './service-inputs.ts';

/** A service's own statements, asked as its kernel asks them. */
interface ServiceParts {
  readonly tables: object;
  readonly statements: Readonly<Record<string, Execute>>;
  readonly migrations: string;
  /** Its rows, to begin anew: SQL. */
  readonly reset: string;
  readonly perform: Readonly<Record<string, Perform>>;
}

const DEADLINE_MS = 1_000;
const migrationsOf = (service: ServiceName): string =>
  fileURLToPath(new URL(`../../../services/${service}/migrations`, import.meta.url));

/** Maps and sets as lists, in an order of their own: SQL promises none. */
function shown(value: unknown): unknown {
  if (value instanceof Map) return [...value].map(([key, one]) => JSON.stringify([key, shown(one)])).sort();
  if (value instanceof Set) return [...value].map((one) => JSON.stringify(one)).sort();
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, one]) => [name, shown(one)]),
  );
}

/** Lock, load, decide, save, with what the numbers draw from the names. */
const react =
  <World, Change>(reactor: Reactor<World, Change>, names: readonly string[]): Perform =>
  async (db, which) => {
    const inputs = which.map((number): Input => {
      const drawn = Math.floor(number / names.length);
      return inputOf(names[number % names.length] ?? '', drawn, 1 + (drawn % 4));
    });
    const keys = [...new Set(inputs.map(({ key }) => key))];
    const [, world] = await Promise.all([lockInbox(db, keys), reactor.load(db, inputs)]);
    const told: unknown[] = [shown(world)];
    let ids = 1_000 * (which[0] ?? 0);
    const newId = () => {
      ids += 1;
      return uuid(ids);
    };
    for (const input of inputs) told.push(decide(reactor, world, input, newId));
    await reactor.save(db, world);
    return told;
  };

function decide<World, Change>(
  reactor: Reactor<World, Change>,
  world: World,
  input: Input,
  newId: () => string,
): unknown {
  try {
    const decision = reactor.decide(world, input, { now: AT, newId });
    if (decision.outcome !== 'ignore') reactor.evolve(world, decision.change);
    return [input.name, decision.outcome];
  } catch (error) {
    return [input.name, String(error)];
  }
}

const SHELF = { 'SKU-0001': 5, 'SKU-0002': 2 } as const;

function filledInventory(): InventoryTables {
  const tables = createInventoryTables();
  for (const [sku, units] of Object.entries(SHELF))
    put(tables.stock, sku, { sku, on_hand: units, reserved: 0, shipped: 0, received: units });
  return tables;
}

/** SQL that leaves the same. */
const fillInventory = Object.entries(SHELF)
  .map(
    ([sku, units]) => `
      INSERT INTO products (sku, name, unit_price, currency, version) VALUES ('${sku}', 'a lamp', 6490, 'EUR', 1);
      INSERT INTO stock (sku, on_hand, reserved, shipped, received) VALUES ('${sku}', ${units}, 0, 0, ${units})`,
  )
  .join(';');

const overdue = async (db: Queryable) =>
  (await overdueOrders(db, AT + DEADLINE_MS)).map(({ key }) => key).sort();

export const services: Readonly<Record<ServiceName, () => ServiceParts>> = {
  order: () => ({
    tables: createOrderTables(),
    statements: orderStatements as never,
    migrations: migrationsOf('order'),
    reset: 'TRUNCATE order_events, orders, order_contacts, order_history, products, idempotency_keys',
    perform: {
      ...transactions,
      react: react(createReactor(createCatalogue(), DEADLINE_MS), [
        'PlaceOrder',
        'PlaceOrder',
        'CancelOrder',
        'ShipmentScheduled',
        'StockReservationFailed',
        'PaymentFailed',
        'StockReserved',
        'MailSent',
        'ProductListed',
      ]),
      overdue,
      exists: (db, which) => orderExists(db, orderIds[(which[0] ?? 0) % 2] ?? ''),
    },
  }),
  inventory: () => ({
    tables: filledInventory(),
    statements: inventoryStatements as never,
    migrations: migrationsOf('inventory'),
    reset: `TRUNCATE reservations, stock, products; ${fillInventory}`,
    perform: {
      ...transactions,
      react: react(inventoryReactor, [
        'OrderCreated',
        'OrderCreated',
        'OrderConfirmed',
        'OrderCancelled',
        'CountStock',
      ]),
    },
  }),
  payment: () => ({
    tables: createPaymentTables(),
    statements: paymentStatements as never,
    migrations: migrationsOf('payment'),
    reset: 'TRUNCATE payments',
    perform: {
      ...transactions,
      react: react(paymentReactor, [
        'OrderCreated',
        'StockReserved',
        'OrderCancelled',
        'charge',
        'charge',
        'refund',
      ]),
    },
  }),
  shipping: () => ({
    tables: createShippingTables(),
    statements: shippingStatements as never,
    migrations: migrationsOf('shipping'),
    reset: 'TRUNCATE shipments, contacts',
    perform: {
      ...transactions,
      react: react(shippingReactor, [
        'OrderContact',
        'PaymentCompleted',
        'OrderConfirmed',
        'OrderCancelled',
        'booking',
        'booking',
        'call-off',
      ]),
      addresses: async (db) => shown(await findAddresses(db, orderIds)),
    },
  }),
  email: () => ({
    tables: createEmailTables(),
    statements: emailStatements as never,
    migrations: migrationsOf('email'),
    reset: 'TRUNCATE mails',
    perform: {
      ...transactions,
      react: react(emailReactor, ['EmailNotification', 'mail/order-confirmation', 'mail/order-cancelled']),
    },
  }),
};
