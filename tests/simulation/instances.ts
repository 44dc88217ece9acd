import { type ServiceName, serviceNames } from '@skald/contracts';
import { createEffects as createEmailEffects, reactor as emailReactor } from '@skald/email/simulation';
import { reactor as inventoryReactor } from '@skald/inventory/simulation';
import {
  composeKernel,
  type Kernel,
  type KernelAdapters,
  type KernelOptions,
} from '@skald/messaging/simulation';
import {
  createCatalogue,
  createReactor as createOrderReactor,
  createPlacing,
  overdueOrders,
  type Placing,
} from '@skald/order/simulation';
import { createEffects as createPaymentEffects, reactor as paymentReactor } from '@skald/payment/simulation';
import {
  createEffects as createShippingEffects,
  findAddresses,
  reactor as shippingReactor,
} from '@skald/shipping/simulation';
import { createSimulatedDatabase } from './database/client.ts';
import { createSimulatedLogClient } from './log/client.ts';
import type { Process, Scheduler } from './scheduler.ts';
import type { World } from './world.ts';

/** One process of a service, with the service's own kernel inside. */
export interface Instance extends Process {
  readonly service: ServiceName;
  readonly index: number;
  readonly kernel: Kernel;
  /** Of the order service. */
  readonly place: Placing | undefined;
}

const metrics = { reaction: nothing, published: nothing, lag: nothing };
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const MAX_GRACE_MS = 60_000;

function nothing(): void {}

/** Starts an instance, as a step of its own. */
export function startInstance(world: World, service: ServiceName, index: number): Instance {
  const { scheduler } = world;
  world.started += 1;
  const process: Process = {
    name: `${service}.${index}#${world.started}`,
    alive: true,
    pausedUntil: 0,
    clockSkew: 0,
  };
  const adapters: KernelAdapters = {
    database: createSimulatedDatabase(world.databases[service], scheduler, process),
    registry: world.registry.of(process),
    client: createSimulatedLogClient(world.log, scheduler, process),
    createMetrics: () => metrics,
    migrate: async () => undefined,
  };
  const { kernel, place } = compose(world, service, process, adapters);
  const instance: Instance = Object.assign(process, { service, index, kernel, place });
  const die = (error: unknown) => world.onDeath(instance, error);
  kernel.failed.catch(die);
  scheduler.schedule(scheduler.latency(), process, 'starts', () => void kernel.start().catch(die));
  return instance;
}

function compose(world: World, service: ServiceName, process: Process, adapters: KernelAdapters) {
  const { plan, outside, scheduler } = world;
  const common = {
    service,
    settings: { databaseUrl: '', brokers: [], registryUrl: '', relayMode: plan.relayMode },
    migrations: '',
    logger: (scheduler.isTraced
      ? createTracingLogger(scheduler, process)
      : silent) as unknown as KernelOptions<never, never>['logger'],
    metrics: undefined as never,
  };
  if (service === 'inventory')
    return { kernel: composeKernel({ ...common, reactor: inventoryReactor }, adapters), place: undefined };
  if (service === 'payment') {
    const effects = createPaymentEffects(outside.provider(process));
    return {
      kernel: composeKernel({ ...common, reactor: paymentReactor, effects }, adapters),
      place: undefined,
    };
  }
  if (service === 'shipping') {
    const addressOf = async (orderId: string) =>
      (await findAddresses(adapters.database, [orderId])).get(orderId);
    const effects = createShippingEffects(outside.carrier(process), addressOf);
    return {
      kernel: composeKernel({ ...common, reactor: shippingReactor, effects }, adapters),
      place: undefined,
    };
  }
  if (service === 'email') {
    const effects = createEmailEffects(outside.mailer(process));
    return {
      kernel: composeKernel({ ...common, reactor: emailReactor, effects }, adapters),
      place: undefined,
    };
  }
  const catalogue = createCatalogue();
  const kernel = composeKernel(
    {
      ...common,
      reactor: createOrderReactor(catalogue, plan.deadlineMs),
      deadlines: { graceMs: Math.min(plan.deadlineMs, MAX_GRACE_MS), due: overdueOrders },
    },
    adapters,
  );
  return { kernel, place: createPlacing(kernel, catalogue) };
}

function createTracingLogger(scheduler: Scheduler, process: Process) {
  const say = (level: string) => (what: unknown, message?: string) => {
    const { err, ...rest } = (typeof what === 'object' ? what : {}) as { err?: unknown };
    const details = Object.keys(rest).length > 0 ? JSON.stringify(rest) : '';
    scheduler.tell(
      `${process.name}: ${level}: ${message ?? String(what)} ${details} ${err instanceof Error ? String(err) : ''}`,
    );
  };
  return { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
}

export const serviceAt = (index: number): ServiceName => serviceNames[index % serviceNames.length] ?? 'order';
