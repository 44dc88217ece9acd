import { type EventName, type Events, topicOf } from '@skald/contracts';
import { Registry } from 'prom-client';
import { createCodec } from '../src/codec.ts';
import type { RecordToSend } from '../src/entry.ts';
import { createKernel, type Kernel, type KernelOptions, type KernelSettings } from '../src/kernel.ts';
import { createPublisher } from '../src/publisher.ts';
import type { Reactor } from '../src/reactor.ts';
import { createRegistry } from '../src/registry.ts';
import { headers, logger } from './given.ts';
import { migrations, stack } from './infrastructure.ts';
import { client } from './kafka.ts';
import { packRecord } from './pack-record.ts';
import { type Change, tally, type World } from './tally.ts';

export interface RealKernel extends Kernel {
  /** The sum of a counter, by the value of one of its labels. */
  count(metric: string, label: string): Promise<Record<string, number>>;
}

/** A service with everything real but its business. */
export const createRealKernel = (
  databaseUrl: string,
  settings: Partial<KernelSettings> = {},
  options: Partial<KernelOptions<World, Change>> = {},
): RealKernel => createKernelOf(tally, databaseUrl, settings, options);

/** The same with another business. */
export function createKernelOf<AWorld, AChange>(
  reactor: Reactor<AWorld, AChange>,
  databaseUrl: string,
  settings: Partial<KernelSettings> = {},
  options: Partial<KernelOptions<AWorld, AChange>> = {},
): RealKernel {
  const metrics = new Registry();
  const kernel = createKernel({
    service: 'payment',
    settings: {
      databaseUrl,
      brokers: stack.addresses.kafka.brokers,
      registryUrl: stack.addresses.registry,
      relayMode: 'idempotent',
      ...settings,
    },
    reactor,
    effects: { charge: { repeatable: true, run: async ({ id }) => `charge of ${id}` } },
    migrations,
    logger,
    metrics,
    ...options,
  });
  return {
    ...kernel,
    async count(metric, label) {
      const { values = [] } = (await metrics.getSingleMetric(metric)?.get()) ?? {};
      const counts: Record<string, number> = {};
      for (const { labels, value } of values) {
        const name = String(labels[label]);
        counts[name] = (counts[name] ?? 0) + value;
      }
      return counts;
    },
  };
}

/** Writes events as the services that own them would, under the ids that the registry has given. */
export async function createEventWriter(...names: readonly EventName[]) {
  const codec = createCodec(createRegistry(stack.addresses.registry));
  await codec.start(names);
  const publisher = createPublisher({ client, service: 'test', mode: 'idempotent', logger });
  return {
    toRecord<Name extends EventName>(name: Name, data: Events[Name], sequence = 1): RecordToSend {
      const key = 'orderId' in data ? data.orderId : data.sku;
      const parts = Object.entries(headers(name, sequence)).flat();
      return packRecord(topicOf(name), key, codec.writer(name, data), parts);
    },
    send: (records: readonly RecordToSend[]) => publisher.publish(records, new AbortController().signal),
    close: () => publisher.close(),
  };
}
