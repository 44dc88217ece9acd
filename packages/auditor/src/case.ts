import {
  isOfSaga,
  reactionsOf,
  readersOf,
  type ServiceName,
  sagaGraph,
  type TopicName,
  topics,
  writersOf,
} from '@skald/contracts';
import type { OrderRow } from './evidence/business-rows.ts';
import type { Chain, Heard } from './evidence/chains.ts';
import { type Evidence, placeOf } from './evidence/evidence.ts';
import type { ParkedRow } from './evidence/kernel-rows.ts';

/** What an order, or another key, waits for: a step of the saga, whose it is, why, and since when. */
export interface Wait {
  readonly subject: string;
  readonly service: ServiceName;
  /** As the saga's graph has it: `charge`. */
  readonly step: string;
  readonly because: string;
  /** Epoch ms. */
  readonly since: number;
}

/** The evidence, and what follows from it for each key. */
export interface Case {
  readonly evidence: Evidence;
  /** Why something still moves for this key, what matters most first; empty: nothing does, nor has since the databases were read. */
  waits(key: string): readonly Wait[];
  /** Ended or not, nothing moves for it: all that was read of it is of one state. An operator gave up none of it. */
  readonly settled: ReadonlyMap<string, OrderRow>;
  /** Orders with a dead letter that was discarded or edited: what they should be is an operator's business. */
  readonly givenUp: ReadonlySet<string>;
  /** The distinct events of one name. */
  told(key: string, name: Heard['name']): readonly Heard[];
  isIgnored(topic: string, key: string): boolean;
  /** The highest sequence that a service's inbox has applied. */
  applied(service: ServiceName, topic: string, key: string): number;
  /** The last sequence that a service has given out; undefined where it keeps it elsewhere. */
  published(service: ServiceName, topic: string, key: string): number | undefined;
}

export function openCase(evidence: Evidence): Case {
  const { kernels, chains, letters, business, ignored } = evidence;
  const parked = byKey(
    [...kernels].flatMap(([service, { parked }]) =>
      parked
        .filter(({ topic, key }) => !ignored.has(placeOf(topic, key)))
        .map((row) => ({ service, ...row })),
    ),
  );
  const unpublished = byKey(
    [...evidence.outboxes].flatMap(([service, { unpublished, low }]) =>
      unpublished.filter(({ position }) => position > low).map((event) => ({ service, ...event })),
    ),
  );
  const givenUp = new Set(
    [...letters.values()]
      .filter(({ resolution, edited }) => resolution === 'discarded' || edited.length > 0)
      .map(({ key }) => key),
  );

  const vector = (service: ServiceName, of: 'applied' | 'published', topic: string, key: string) => {
    const kernel = kernels.get(service);
    return kernel?.inbox.get(key)?.[of][kernel.ordinals.get(topic) ?? -1] ?? undefined;
  };
  const applied: Case['applied'] = (service, topic, key) => vector(service, 'applied', topic, key) ?? 0;
  const published: Case['published'] = (service, topic, key) => vector(service, 'published', topic, key);

  function* waitsIn(chain: Chain): Generator<Wait> {
    const { topic, key, newest } = chain;
    const { writer } = topics[topic];
    const given = isOfSaga(writer) ? published(writer, topic, key) : undefined;
    if (isOfSaga(writer) && given !== undefined && newest > given) yield whileLooking(chain, writer, given);
    for (const service of readersOf(topic)) {
      const mark = applied(service, topic, key);
      // What is parked says itself why it waits, and what waits behind it.
      if (mark >= newest || isParkedIn(service, topic, key)) continue;
      const next = chain.heard.find(({ sequence }) => sequence > mark);
      if (next) yield unread(chain, service, next);
    }
  }

  function isParkedIn(service: ServiceName, topic: string, key: string): boolean {
    return (parked.get(key) ?? []).some(
      (row) => row.state === 'parked' && row.service === service && row.topic === topic,
    );
  }

  function* allWaits(key: string): Generator<Wait> {
    for (const { name } of Object.values(topics)) {
      const chain = chains.of(name, key);
      if (chain) yield* waitsIn(chain);
    }
    for (const row of parked.get(key) ?? []) if (row.state === 'parked') yield isParked(row.service, row);
    for (const { service, topic, createdAt, sequence } of unpublished.get(key) ?? []) {
      const because = `${topic} ${sequence} is in its outbox, not on the topic`;
      yield { subject: key, service, step: 'publish', because, since: createdAt };
    }
    for (const [service, { effects }] of kernels) {
      for (const { kind, state, createdAt } of effects.get(key) ?? []) {
        const step = openStepOf(service, key) ?? kind;
        yield { subject: key, service, step, because: `its effect ${kind} is ${state}`, since: createdAt };
      }
    }
  }

  function unread(chain: Chain, service: ServiceName, { name, offset, at }: Heard): Wait {
    const step = reactionsOf(service)[name] ?? 'read';
    const because = `has not applied ${name} (${chain.topic}/${chain.partition}@${offset})`;
    return { subject: chain.key, service, step, because, since: at };
  }

  function isParked(service: ServiceName, row: ParkedRow): Wait {
    const { topic, key, partition, offset, code, parkedAt } = row;
    const event = chains.of(topic, key)?.heard.find((heard) => heard.offset === offset)?.name;
    const step = (event && reactionsOf(service)[event]) ?? 'read';
    const why = code === null ? 'waits behind a parked message' : `is parked (${code})`;
    const because = `${topic}/${partition}@${offset} ${why}`;
    return { subject: key, service, step, because, since: parkedAt };
  }

  /** The step of a service that has all it needs and has not said anything yet; or the last one that had. */
  function openStepOf(service: ServiceName, key: string): string | undefined {
    const count = (names: readonly Heard['name'][]) =>
      names.reduce((sum, name) => sum + told(key, name).length, 0);
    const begun = sagaGraph.filter(
      ({ service: owner, on, publishes }) =>
        owner === service && publishes.length > 0 && on.length > 0 && on.every((name) => count([name]) > 0),
    );
    const open = begun.find(
      ({ on, publishes, onFailure }) => count(on.slice(0, 1)) > count([...publishes, ...onFailure]),
    );
    return (open ?? begun.at(-1))?.verb;
  }

  function told(key: string, name: Heard['name']): readonly Heard[] {
    const topic = topicByEvent.get(name);
    if (topic === undefined) return [];
    return chains.of(topic, key)?.heard.filter((heard) => heard.name === name) ?? [];
  }

  const waits = (key: string): Wait[] =>
    [...allWaits(key)].sort((one, other) => rankOf(one) - rankOf(other) || one.since - other.since);
  const settled = new Map([...business.orders].filter(([id]) => !givenUp.has(id) && !isMoving(id)));

  function isMoving(id: string): boolean {
    return allWaits(id).next().done !== true;
  }

  return {
    evidence,
    waits,
    settled,
    givenUp,
    told,
    applied,
    published,
    isIgnored: (topic, key) => ignored.has(placeOf(topic, key)),
  };
}

/** What brings an order on comes before what merely takes note of it. */
function rankOf({ service, step }: Wait): number {
  if (step === 'read') return 2;
  const kind = sagaGraph.find((known) => known.service === service && known.verb === step)?.kind;
  return kind === 'record' ? 2 : kind === 'retriable' ? 1 : 0;
}

function whileLooking({ topic, key, heard }: Chain, service: ServiceName, given: number): Wait {
  const next = heard.find(({ sequence }) => sequence > given);
  const step = (next && writersOf(next.name).find((writer) => writer.service === service)?.verb) ?? 'publish';
  const because = `${next?.name} came to ${topic} while the audit read`;
  return { subject: key, service, step, because, since: next?.at ?? Date.now() };
}

function byKey<Row extends { readonly key: string }>(
  rows: readonly Row[],
): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(row.key, [...(groups.get(row.key) ?? []), row]);
  return groups;
}

const topicByEvent: ReadonlyMap<Heard['name'], TopicName> = new Map(
  Object.values(topics).flatMap(({ name, events }) => events.map((event) => [event, name] as const)),
);
