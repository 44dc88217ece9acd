import { join } from 'node:path';
import {
  groups,
  reactionsOf,
  type ServiceName,
  sagaFlaws,
  sagaGraph,
  serviceNames,
  unreadBy,
} from '@skald/contracts';
import type { Reactor } from '@skald/messaging';
import { describe, expect, it } from 'vitest';
import { root, sources } from './tree.ts';

/** Event → verb: by name, or as a function that has the name. */
type Table = Readonly<Record<string, string | ((...args: never[]) => unknown)>>;
type AnyReactor = Pick<Reactor<unknown, unknown>, 'consumes' | 'unread'>;

interface Saga {
  readonly saga: Table;
  readonly reactor?: AnyReactor;
}

/** By its path: a service is no dependency of anybody, and its table is no part of an interface. */
const load = async <Module>(service: ServiceName, file: string): Promise<Module> =>
  (await import(join(root, 'services', service, 'src', file))) as Module;

async function reactorOf(service: ServiceName): Promise<AnyReactor> {
  const { reactor } = await load<Saga>(service, 'saga.ts');
  if (reactor !== undefined) return reactor;
  const { createReactor } = await load<{ createReactor(...args: unknown[]): AnyReactor }>(
    service,
    'reactor.ts',
  );
  return createReactor({ learn: () => undefined }, 1);
}

const verbOf = (entry: Table[string]): string => (typeof entry === 'string' ? entry : entry.name);

it('the graph is whole: every event has a writer and a reader, every step before the pivot its undoing', () => {
  expect(sagaFlaws()).toEqual([]);
});

describe.each(serviceNames)('%s does what the graph says', (service) => {
  it('each event calls for the same verb, no more and no less', async () => {
    const { saga } = await load<Saga>(service, 'saga.ts');
    const table = Object.fromEntries(Object.entries(saga).map(([event, entry]) => [event, verbOf(entry)]));
    expect(table).toEqual(reactionsOf(service));
  });

  it('consumes its topics, and names with a reason each event that no rule of its reads', async () => {
    const { consumes, unread = {} } = await reactorOf(service);
    expect([...consumes].sort()).toEqual([...groups[service]].sort());
    expect(Object.keys(unread).sort()).toEqual([...unreadBy(service)].sort());
    expect(Object.values(unread).filter((reason) => !/\w+ \w+/.test(reason))).toEqual([]);
  });

  it('publishes what its steps say', () => {
    const own = sources.filter(({ home, isTest }) => home === `services/${service}` && !isTest);
    const named = new Set(own.flatMap(({ literals }) => literals));
    const steps = sagaGraph.filter((step) => step.service === service);
    const published = steps.flatMap((step) => [...step.publishes, ...step.onFailure]);
    expect(published.filter((event) => !named.has(event))).toEqual([]);
  });
});
