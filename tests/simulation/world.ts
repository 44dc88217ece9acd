import { type ServiceName, serviceNames } from '@skald/contracts';
import type { DatabaseNetwork } from './database/client.ts';
import { createEmailTables, type EmailTables, emailStatements } from './database/email-statements.ts';
import {
  createInventoryTables,
  type InventoryTables,
  inventoryStatements,
} from './database/inventory-statements.ts';
import { createKernelTables, type KernelTables, kernelStatements } from './database/kernel-statements.ts';
import { createOrderTables, type OrderTables, orderStatements } from './database/order-statements.ts';
import { createPaymentTables, type PaymentTables, paymentStatements } from './database/payment-statements.ts';
import { type Execute, put, Server, type Table } from './database/server.ts';
import {
  createShippingTables,
  type ShippingTables,
  shippingStatements,
} from './database/shipping-statements.ts';
import { type Instance, startInstance } from './instances.ts';
import { createLog, type Log } from './log/log.ts';
import { createOutside, type Outside } from './outside.ts';
import type { Plan } from './plan.ts';
import { createSimulatedRegistry, type SimulatedRegistry } from './registry.ts';
import type { Scheduler } from './scheduler.ts';
import { EPOCH } from './simulated-time.ts';
import { createWatch, type Watch } from './watch.ts';

interface Tables {
  readonly order: OrderTables & KernelTables;
  readonly inventory: InventoryTables & KernelTables;
  readonly payment: PaymentTables & KernelTables;
  readonly shipping: ShippingTables & KernelTables;
  readonly email: EmailTables & KernelTables;
}

/** Everything there is: services, databases, log, registry, and those whom the services call. */
export interface World {
  readonly plan: Plan;
  readonly scheduler: Scheduler;
  readonly log: Log;
  readonly registry: SimulatedRegistry;
  readonly outside: Outside;
  readonly tables: Tables;
  readonly databases: Readonly<Record<ServiceName, DatabaseNetwork>>;
  /** What lives now, by service. */
  readonly instances: Map<ServiceName, Instance[]>;
  /** How many instances ever started. */
  started: number;
  readonly watch: Watch;
  /** How far each database's clock is off, ms. */
  readonly clockSkew: Map<ServiceName, number>;
  /** An instance has ended by itself. */
  onDeath(instance: Instance, error: unknown): void;
}

export const products = [
  { sku: 'SKU-0001', name: 'Oak Desk Lamp', price: 6490 },
  { sku: 'SKU-0002', name: 'Walnut Desk Lamp', price: 7980 },
  { sku: 'SKU-0999', name: 'Felt Doormat', price: 1790 },
] as const;

const PLENTY = 1_000;

const statements: Readonly<Record<ServiceName, Readonly<Record<string, Execute>>>> = {
  order: { ...kernelStatements, ...orderStatements },
  inventory: { ...kernelStatements, ...inventoryStatements },
  payment: { ...kernelStatements, ...paymentStatements },
  shipping: { ...kernelStatements, ...shippingStatements },
  email: { ...kernelStatements, ...emailStatements },
};

export function createWorld(plan: Plan, scheduler: Scheduler): World {
  const tables: Tables = {
    order: { ...createOrderTables(), ...createKernelTables() },
    inventory: { ...createInventoryTables(), ...createKernelTables() },
    payment: { ...createPaymentTables(), ...createKernelTables() },
    shipping: { ...createShippingTables(), ...createKernelTables() },
    email: { ...createEmailTables(), ...createKernelTables() },
  };
  fillCatalogue(plan, tables);
  const clockSkew = new Map<ServiceName, number>();
  const watch = createWatch();
  const networkOf = (service: ServiceName): DatabaseNetwork => ({
    server: new Server(() => EPOCH + scheduler.now + (clockSkew.get(service) ?? 0)),
    tables: tables[service],
    statements: statements[service],
    isAway: false,
    refuses: () => false,
    watch,
    stallMs: 0,
    links: new Set(),
  });
  return {
    plan,
    scheduler,
    log: createLog(scheduler, watch),
    registry: createSimulatedRegistry(scheduler),
    outside: createOutside(scheduler, watch),
    tables,
    databases: {
      order: networkOf('order'),
      inventory: networkOf('inventory'),
      payment: networkOf('payment'),
      shipping: networkOf('shipping'),
      email: networkOf('email'),
    },
    instances: new Map(serviceNames.map((service) => [service, []])),
    started: 0,
    watch,
    clockSkew,
    onDeath: () => undefined,
  };
}

/** The house has opened: its catalogue is listed, and told to the order service. */
function fillCatalogue(plan: Plan, { order, inventory }: Tables): void {
  for (const { sku, name, price } of products) {
    const units = sku === 'SKU-0999' ? plan.scarce : PLENTY;
    put(inventory.stock, sku, { sku, on_hand: units, reserved: 0, shipped: 0, received: units });
    put(order.products, sku, { sku, name, unit_price: price, currency: 'EUR', sequence: 1, savedBy: 1n });
  }
}

export function startAll(world: World): void {
  serviceNames.forEach((service, index) => {
    const count = (world.plan.twins >> index) & 1 ? 2 : 1;
    for (let number = 0; number < count; number += 1)
      world.instances.get(service)?.push(startInstance(world, service, number));
  });
}

/** The rows of a table that everybody sees. */
export function rowsOf<Row extends object>(table: Table<Row>): Row[] {
  const rows: Row[] = [];
  for (const { committed } of table.places.values()) if (committed !== undefined) rows.push(committed);
  return rows;
}
