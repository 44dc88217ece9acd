import { randomUUID } from 'node:crypto';
import { type EventName, eventNames, topicOf } from '@skald/contracts';
import { uuidv7 } from 'uuidv7';
import { createCodec } from '../src/codec.ts';
import { createDrain } from '../src/drain.ts';
import { createEntryPacker, readRecord, unpackEntry } from '../src/entry.ts';
import { parseHeaders } from '../src/envelope.ts';
import { type CommandItem, createMessageItem, type Item, type OutcomeItem } from '../src/item.ts';
import type { ConsumedRecord } from '../src/log-client.ts';
import type { MassFailure } from '../src/mass-failure.ts';
import { createOperator, type OperatorWorker } from '../src/operator.ts';
import { createReaction, type ReactionReport } from '../src/reaction.ts';
import { createReactionLoop, type ReactionLoop } from '../src/reaction-loop.ts';
import type { Reactor } from '../src/reactor.ts';
import { loadTopicOrdinals } from '../src/topic-ordinals.ts';
import { createTracer } from '../src/tracing.ts';
import { createTrial } from '../src/trial.ts';
import { createFakeRegistry, idOf } from './fake-registry.ts';
import { logger } from './given.ts';
import type { TestDatabase } from './infrastructure.ts';
import { type Change, tally, type World } from './tally.ts';

export interface Reacting {
  readonly loop: ReactionLoop;
  readonly fatal: readonly Error[];
  readonly halted: readonly MassFailure[];
  readonly reports: readonly ReactionReport[];
  readonly instance: string;
  readonly operator: OperatorWorker;
  /** Takes the records in, as one fetch; resolves when all are done. */
  take(...records: readonly ConsumedRecord[]): Promise<void>;
  command(name: string, key: string): Promise<unknown>;
  outcome(item: Pick<OutcomeItem, 'effect' | 'key'>, data: unknown): Promise<void>;
  /** What became of the messages so far. */
  outcomes(): string[];
  /** All records in the outbox, in order. */
  published(): Promise<
    { topic: string; key: string | undefined; name: EventName | undefined; sequence: number | undefined }[]
  >;
}

export async function createReacting(
  database: TestDatabase,
  overrides: Partial<Reactor<World, Change>> = {},
  { isSuspected = false } = {},
): Promise<Reacting> {
  const registry = createFakeRegistry();
  const codec = createCodec(registry);
  await codec.learn(eventNames.map(idOf));
  await codec.start(['PaymentCompleted']);
  const instance = randomUUID();
  const reports: ReactionReport[] = [];
  const fatal: Error[] = [];
  const halted: MassFailure[] = [];
  const reactor = { ...tally, ...overrides };
  const reacting = {
    service: 'payment',
    reactor,
    codec,
    topicOrdinals: await loadTopicOrdinals(database, [...tally.consumes, 'payments.events']),
    clock: Date.now,
    newId: uuidv7,
    tracer: createTracer('test'),
    isSuspected,
    owner: () => instance,
  };
  const reaction = createReaction(reacting);
  const acting = { drain: createDrain(reacting), trial: createTrial(reacting) };
  const operator = createOperator({
    database,
    codec,
    registry,
    logger,
    acting: () => acting,
    onCommitted: (saved) => reports.push({ ...saved, outcomes: [], replies: new Map() }),
  });
  const loop = createReactionLoop({
    database,
    reaction,
    logger,
    onCommitted: (report) => reports.push(report),
    onFatal: (error) => fatal.push(error),
    onMassFailure: (error) => halted.push(error),
  });
  const arrival = (key: string) => ({ key, id: uuidv7(), time: Date.now(), correlationId: 'correlation-1' });
  const added = (create: (done: () => void) => Item) =>
    new Promise<void>((resolve) => loop.add([create(resolve)]));

  return {
    loop,
    fatal,
    halted,
    reports,
    instance,
    operator,
    async take(...records) {
      await Promise.all(
        records.map((record) => added((done) => createMessageItem(record, codec, tally, done))),
      );
    },
    command: (name, key) =>
      new Promise((done, failed) => {
        const input = { ...arrival(key), kind: 'command', name, data: undefined } as const;
        loop.submit({ kind: 'command', key, input, done, failed } satisfies CommandItem);
      }),
    outcome: ({ effect, key }, data) =>
      added((done) => {
        const input = { ...arrival(key), kind: 'outcome', name: effect.kind, data } as const;
        return { kind: 'outcome', key, lingers: false, effect, input, done };
      }),
    outcomes: () =>
      reports.flatMap(({ outcomes }) => outcomes.map(({ outcome, error }) => error?.code ?? outcome)),
    async published() {
      const rows = await database.query<{ entry: Buffer }>(
        'SELECT entry FROM messaging.outbox ORDER BY position',
      );
      return rows
        .flatMap(({ entry }) => unpackEntry(entry).map(readRecord))
        .map(({ topic, key, headers }) => {
          const name = headers['ce_type']?.toString() as EventName | undefined;
          const isEvent = name !== undefined && topicOf(name) === topic;
          const sequence = isEvent ? parseHeaders({ headers }).sequence : undefined;
          return { topic, key: key?.toString(), name, sequence };
        });
    },
  };
}

/** An entry of events that only a relay looks at. */
export function entryOf(
  ...records: readonly { topic: string; key: string; value: string; headers?: Record<string, string> }[]
): Buffer {
  const packer = createEntryPacker();
  for (const { topic, key, value, headers = {} } of records) {
    packer.add(topic, key, Buffer.from(value), Object.entries(headers).flat());
  }
  return packer.take().entry;
}
