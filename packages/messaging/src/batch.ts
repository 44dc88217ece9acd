import { type EventName, type TopicName, topicOf, topics } from '@skald/contracts';
import type { Codec } from './codec.ts';
import type { Queryable } from './database.ts';
import { completeEffects, type EffectId, insertEffects, type SavedEffect } from './effect-store.ts';
import { createEntryPacker, type EntryPacker } from './entry.ts';
import { createHeaderWriter } from './envelope.ts';
import { FatalError, MessagingError, PoisonError } from './errors.ts';
import { unexpected } from './failures.ts';
import { type InboxEntry, type LockedInbox, lockInbox } from './inbox.ts';
import type { Item, MessageItem } from './item.ts';
import { insertEntry, type OutboxRow } from './outbox.ts';
import type { Decision, DecisionContext, Input, NewEffect, NewEvent, Reactor } from './reactor.ts';
import { time } from './time.ts';
import type { Span, Tracer } from './tracing.ts';

export interface BatchOptions<World, Change> {
  readonly service: string;
  readonly reactor: Reactor<World, Change>;
  readonly codec: Codec;
  readonly topicOrdinals: ReadonlyMap<string, number>;
  readonly clock: () => number;
  readonly newId: () => string;
  readonly tracer: Tracer;
  /** Who owns `count` new effects: this instance, or nobody where it has enough to do. */
  owner(count: number): string | null;
}

/** One transaction's work in progress. */
export interface Batch<World> {
  readonly inbox: LockedInbox;
  readonly context: DecisionContext;
  /** Undefined where no input was loaded. */
  readonly world: World | undefined;
  /** Effects that the batch's outcomes have closed, by `effectKey`. */
  readonly closed: Set<string>;
  readonly effects: SavedEffect[];
  /** By key, where the reactor concludes: the last input that was taken in. */
  readonly causes: Map<string, { readonly input: Input; readonly traceparent: string | undefined }>;
}

/** What a batch has written. */
export interface Saved {
  /** Owned by this instance, to be executed now. */
  readonly effects: readonly SavedEffect[];
  readonly entry: OutboxRow | undefined;
}

/** What follows from a message. */
export interface Consequences {
  readonly events?: readonly NewEvent[];
  readonly effects?: readonly NewEffect[];
}

/** What comes of one message. */
export type Judgement =
  | { readonly outcome: 'applied' | 'remembered'; readonly decision: Consequences }
  | { readonly outcome: 'duplicate' }
  | { readonly outcome: 'ignored'; readonly reason: string }
  | { readonly outcome: 'poison'; readonly error: MessagingError };

/** The parts of a reaction, whatever it is that is reacted to. One batch is open at a time: they share a packer. */
export interface Batches<World, Change> {
  /** Where records for the outbox go, beside those of decisions. */
  readonly packer: EntryPacker;
  /**
   * Locks the keys of all items and, behind the locks but in the same round trip, closes effects and loads the state of
   * the inputs.
   */
  open(tx: Queryable, items: readonly Item[]): Promise<Batch<World>>;
  /** Locks keys, and loads nothing. */
  openKeys(tx: Queryable, keys: readonly string[]): Promise<Batch<World>>;
  ordinalOf(topic: string): number;
  entryOf(batch: Batch<World>, key: string): InboxEntry;
  /**
   * Decides, and takes effect. What `decide` throws is answered: nothing has changed then. What fails after it has
   * half changed the batch, and is thrown.
   */
  react(batch: Batch<World>, input: Input): { decision: Decision<Change> } | { error: unknown };
  /** Whether it has been applied before. */
  isDuplicate(batch: Batch<World>, item: MessageItem): boolean;
  /** Takes a message in, or says what is wrong with it: then nothing has changed. */
  judge(batch: Batch<World>, item: MessageItem, options?: { acceptGap: boolean }): Judgement;
  /** Issues every statement, and awaits none, so that COMMIT travels with them. What they answer is read afterwards. */
  save(tx: Queryable, batch: Batch<World>): Promise<() => Promise<Saved>>;
}

export function createBatches<World, Change>(options: BatchOptions<World, Change>): Batches<World, Change> {
  const { service, reactor, codec, topicOrdinals, clock, newId, tracer } = options;
  const packer = createEntryPacker();
  const writeHeaders = createHeaderWriter(`/skald/${service}`);

  const ordinalOf = (topic: string): number => {
    const ordinal = topicOrdinals.get(topic);
    if (ordinal === undefined)
      throw new FatalError('UNKNOWN_TOPIC', `${topic} was not declared by this service`);
    return ordinal;
  };

  const entryOf = (batch: Batch<World>, key: string): InboxEntry => {
    const entry = batch.inbox.get(key);
    if (entry === undefined) throw new FatalError('KEY_NOT_LOCKED', `key ${key} is not locked`);
    return entry;
  };

  const create = (
    inbox: LockedInbox,
    world: World | undefined,
    closed: readonly EffectId[],
  ): Batch<World> => ({
    inbox,
    context: { now: clock(), newId },
    world,
    closed: new Set(closed.map(effectKey)),
    effects: [],
    causes: new Map(),
  });

  const publish = (batch: Batch<World>, cause: Input, event: NewEvent, traceparent: string | undefined) => {
    const topic = topicOf(event.name);
    const entry = batch.inbox.get(event.key);
    if (event.sequence === undefined && entry === undefined) {
      throw new FatalError(
        'KEY_NOT_LOCKED',
        `${event.name} is published under a key that its reaction hasn't locked`,
      );
    }
    const sequence = event.sequence ?? entry?.nextSequence(ordinalOf(topic)) ?? 0;
    const { headers, fixed } = writeHeaders({
      id: newId(),
      name: event.name,
      time: batch.context.now,
      sequence,
      correlationId: cause.correlationId,
      causationId: cause.id,
      traceparent,
    });
    packer.add(topic, event.key, codec.writer(event.name, event.data), headers, fixed);
  };

  /** Lets what was decided take effect in memory, so that the next input sees it. */
  const takeEffect = (batch: Batch<World>, input: Input, decision: Decision<Change>, span: Span) => {
    if (decision.outcome === 'ignore') return;
    reactor.evolve(batch.world as World, decision.change);
    for (const event of decision.events ?? []) publish(batch, input, event, span.traceparent);
    if (reactor.conclude !== undefined) batch.causes.set(input.key, { input, traceparent: span.traceparent });
    for (const effect of decision.effects ?? []) {
      batch.effects.push({
        ...effect,
        key: input.key,
        state: 'waiting',
        correlationId: input.correlationId,
        causationId: input.id,
        traceparent: span.traceparent ?? null,
      });
    }
  };

  const conclude = (batch: Batch<World>) => {
    if (batch.causes.size === 0) return;
    for (const event of reactor.conclude?.(batch.world as World) ?? []) {
      const cause = batch.causes.get(event.key);
      if (cause === undefined)
        throw new FatalError(
          'KEY_NOT_LOCKED',
          `${event.name} concludes a batch that took nothing of its key in`,
        );
      publish(batch, cause.input, event, cause.traceparent);
    }
  };

  const react: Batches<World, Change>['react'] = (batch, input) => {
    const span = tracer.start(input.name, input);
    try {
      let decision: Decision<Change>;
      try {
        // A batch without inputs reads no world.
        decision = reactor.decide(batch.world as World, input, batch.context);
      } catch (error) {
        if (error instanceof FatalError) throw error;
        span.fail(error);
        return { error };
      }
      takeEffect(batch, input, decision, span);
      return { decision };
    } finally {
      span.end();
    }
  };

  const isDuplicate = (batch: Batch<World>, { key, record, sequence }: MessageItem) =>
    sequence !== undefined && sequence <= entryOf(batch, key).applied(ordinalOf(record.topic));

  const judge: Batches<World, Change>['judge'] = (batch, item, { acceptGap } = { acceptGap: false }) => {
    const { record, reading, sequence } = item;
    const ordinal = ordinalOf(record.topic);
    const entry = entryOf(batch, item.key);
    if (isDuplicate(batch, item)) return { outcome: 'duplicate' };
    if (reading.result === 'failed') return { outcome: 'poison', error: reading.error };
    if (sequence === undefined) return { outcome: 'poison', error: noSequence() };
    const gap = acceptGap
      ? undefined
      : gapBefore(record.topic as TopicName, sequence, entry.applied(ordinal));
    if (gap !== undefined) return { outcome: 'poison', error: gap };
    if (reading.result === 'unread') {
      entry.setApplied(ordinal, sequence);
      return { outcome: 'ignored', reason: reading.reason };
    }
    const reaction = react(batch, reading.input);
    if ('error' in reaction) return { outcome: 'poison', error: toPoison(reaction.error) };
    entry.setApplied(ordinal, sequence);
    const { decision } = reaction;
    if (decision.outcome === 'ignore') return { outcome: 'ignored', reason: decision.reason };
    return { outcome: decision.outcome === 'apply' ? 'applied' : 'remembered', decision };
  };

  return {
    packer,
    ordinalOf,
    entryOf,
    react,
    isDuplicate,
    judge,
    async open(tx, items) {
      packer.reset();
      const keys = new Set<string>();
      const outcomes: EffectId[] = [];
      const inputs: Input[] = [];
      for (const item of items) {
        keys.add(item.key);
        if (item.kind === 'outcome') outcomes.push(item.effect);
        const input = inputOf(item);
        if (input === undefined) continue;
        inputs.push(input);
        for (const key of reactor.locks?.(input) ?? []) keys.add(key);
      }
      const [inbox, closed, world] = await Promise.all([
        lockInbox(tx, [...keys]),
        outcomes.length === 0 ? [] : completeEffects(tx, outcomes),
        inputs.length === 0 ? undefined : reactor.load(tx, inputs),
      ]);
      return create(inbox, world, closed);
    },
    async openKeys(tx, keys) {
      packer.reset();
      return create(await lockInbox(tx, keys), undefined, []);
    },
    async save(tx, batch) {
      conclude(batch);
      batch.inbox.save(tx);
      const packed = packer.size > 0 ? packer.take() : undefined;
      const positions = packed && insertEntry(tx, packed.entry);
      const owner = options.owner(batch.effects.length);
      const inserted = batch.effects.length > 0 ? insertEffects(tx, batch.effects, owner) : [];
      const saved = batch.world === undefined ? undefined : reactor.save(tx, batch.world);
      // What fails before a statement is answered fails here; a statement that fails, fails the transaction.
      await Promise.race([saved, time.microtasksDone()]);
      return async () => {
        await saved?.catch((error: unknown) => {
          throw new FatalError('SAVE_FAILED', 'save failed behind its COMMIT', { cause: error });
        });
        const isNew = new Set((await inserted).map(effectKey));
        const [row] = (await positions) ?? [];
        return {
          effects: owner === null ? [] : batch.effects.filter((effect) => isNew.has(effectKey(effect))),
          entry: row && packed && { position: row.position, ...packed },
        };
      };
    },
  };
}

export const effectKey = ({ kind, id }: EffectId): string => `${kind}\n${id}`;

export function nameIn({ reading }: MessageItem): EventName | undefined {
  if (reading.result === 'failed') return undefined;
  return reading.result === 'input' ? reading.input.name : reading.name;
}

function inputOf(item: Item): Input | undefined {
  if (item.kind !== 'message') return item.input;
  return item.reading.result === 'input' ? item.reading.input : undefined;
}

export function toPoison(error: unknown): PoisonError {
  if (error instanceof PoisonError) return error;
  const code = error instanceof Error ? error.name : 'Error';
  return new PoisonError(
    unexpected.handling,
    `${code}: ${error instanceof Error ? error.message : String(error)}`,
    {
      cause: error,
    },
  );
}

/** What failed while it was saved. */
export function notSaved(error: unknown): MessagingError {
  if (error instanceof MessagingError) return error;
  return new PoisonError(unexpected.saving, error instanceof Error ? error.message : String(error), {
    cause: error,
  });
}

const noSequence = () => new PoisonError('BAD_HEADERS', 'no ce_sequence');

/**
 * A sequence that jumps says that an event is missing, or that the number is forged: taking it in would turn the
 * missing ones into duplicates for ever. Compaction removes older versions, and retention the oldest: no gap there.
 */
export function gapBefore(topic: TopicName, sequence: number, applied: number): PoisonError | undefined {
  const { cleanup } = topics[topic];
  if (cleanup === 'compact' || (cleanup === 'delete' && applied === 0) || sequence === applied + 1)
    return undefined;
  return new PoisonError('SEQUENCE_GAP', `sequence ${sequence} follows ${applied}`);
}
