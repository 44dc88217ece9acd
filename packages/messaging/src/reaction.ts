import { type EventName, type TopicName, topicOf, topics } from '@skald/contracts';
import type { Codec } from './codec.ts';
import type { Connection, Queryable } from './database.ts';
import { inTransaction } from './database.ts';
import { addDeadLetter } from './dead-letter.ts';
import { completeEffects, type EffectId, insertEffects, type SavedEffect } from './effect-store.ts';
import { createEntryPacker } from './entry.ts';
import { createHeaderWriter } from './envelope.ts';
import { FatalError, type MessagingError, PoisonError } from './errors.ts';
import { type LockedInbox, lockInbox } from './inbox.ts';
import type { CommandItem, Item, MessageItem, OutcomeItem } from './item.ts';
import { createMassFailureGuard } from './mass-failure.ts';
import { insertEntry, type OutboxRow } from './outbox.ts';
import { type ParkedMessage, park } from './parking.ts';
import type { Decision, DecisionContext, Input, NewEvent, Reactor } from './reactor.ts';
import type { Span, Tracer } from './tracing.ts';

export type Outcome = 'applied' | 'remembered' | 'ignored' | 'duplicate' | 'poison' | 'parked';

export interface ReactionReport {
  /** What became of each message. `name` is unknown where it couldn't be read. */
  readonly outcomes: readonly {
    topic: string;
    partition: number;
    offset: number;
    key: string;
    name: EventName | 'unknown';
    outcome: Outcome;
    error?: MessagingError;
  }[];
  readonly replies: ReadonlyMap<CommandItem, { reply: unknown } | { error: unknown }>;
  /** Saved, owned by this instance, to be executed now. */
  readonly effects: readonly SavedEffect[];
  /** What was written to the outbox. */
  readonly entry: OutboxRow | undefined;
}

export interface ReactionOptions<World, Change> {
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

export interface Reaction {
  /** All items, in their order, in one transaction: load, decide, save. Messages that fail in `decide` are parked. */
  run(connection: Connection, items: readonly Item[]): Promise<ReactionReport>;
  /** Parks one message that fails elsewhere (its change can't be saved, its event can't be encoded). */
  park(connection: Connection, item: MessageItem, error: MessagingError): Promise<ReactionReport>;
}

/** One transaction's work in progress. */
interface Batch {
  readonly inbox: LockedInbox;
  readonly context: DecisionContext;
  readonly effects: SavedEffect[];
  readonly parking: ParkedMessage[];
  readonly outcomes: ReactionReport['outcomes'][number][];
  readonly replies: Map<CommandItem, { reply: unknown } | { error: unknown }>;
}

export function createReaction<World, Change>(options: ReactionOptions<World, Change>): Reaction {
  const { service, reactor, codec, topicOrdinals, clock, newId, tracer } = options;
  const packer = createEntryPacker();
  const guard = createMassFailureGuard();
  const writeHeaders = createHeaderWriter(`/skald/${service}`);

  const ordinalOf = (topic: string): number => {
    const ordinal = topicOrdinals.get(topic);
    if (ordinal === undefined)
      throw new FatalError('UNKNOWN_TOPIC', `${topic} was not declared by this service`);
    return ordinal;
  };

  const publish = (batch: Batch, cause: Input, event: NewEvent, traceparent: string | undefined) => {
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
  const takeEffect = (batch: Batch, world: World, input: Input, decision: Decision<Change>, span: Span) => {
    if (decision.outcome === 'ignore') return;
    reactor.evolve(world, decision.change);
    for (const event of decision.events ?? []) publish(batch, input, event, span.traceparent);
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

  /**
   * Decides, and takes effect. What `decide` throws is answered: nothing has changed then. What fails after it has
   * half changed the batch, and is thrown.
   */
  const react = (
    batch: Batch,
    world: World,
    input: Input,
  ): { decision: Decision<Change> } | { error: unknown } => {
    const span = tracer.start(input.name, input);
    try {
      let decision: Decision<Change>;
      try {
        decision = reactor.decide(world, input, batch.context);
      } catch (error) {
        if (error instanceof FatalError) throw error;
        span.fail(error);
        return { error };
      }
      takeEffect(batch, world, input, decision, span);
      return { decision };
    } finally {
      span.end();
    }
  };

  const takeMessage = (batch: Batch, world: World, item: MessageItem) => {
    const ordinal = ordinalOf(item.record.topic);
    const entry = batch.inbox.get(item.key);
    if (entry === undefined) throw new FatalError('KEY_NOT_LOCKED', `key ${item.key} is not locked`);
    const { reading, sequence } = item;
    const name =
      reading.result === 'input'
        ? reading.input.name
        : reading.result === 'unread'
          ? reading.name
          : 'unknown';
    const { topic, partition, offset } = item.record;
    const record = (outcome: Outcome, error?: MessagingError) => {
      batch.outcomes.push({
        topic,
        partition,
        offset,
        key: item.key,
        name,
        outcome,
        ...(error && { error }),
      });
    };
    const parkHere = (error: MessagingError) => {
      // Without a key there is no order to keep: the message is dead-lettered, and nothing waits behind it.
      if (item.key !== '') entry.park(ordinal);
      batch.parking.push({ key: item.key, record: item.record, error });
      record('poison', error);
    };

    if (sequence !== undefined && sequence <= entry.applied(ordinal)) return record('duplicate');
    if (entry.isParked(ordinal)) {
      batch.parking.push({ key: item.key, record: item.record });
      return record('parked');
    }
    if (reading.result === 'failed') return parkHere(reading.error);
    if (sequence === undefined) return parkHere(new PoisonError('BAD_HEADERS', 'no ce_sequence'));
    const gap = gapBefore(item.record.topic as TopicName, sequence, entry.applied(ordinal));
    if (gap !== undefined) return parkHere(gap);
    if (reading.result === 'unread') {
      entry.setApplied(ordinal, sequence);
      return record('ignored');
    }
    const reaction = react(batch, world, reading.input);
    if ('error' in reaction) return parkHere(toPoison(reaction.error));
    entry.setApplied(ordinal, sequence);
    record(past[reaction.decision.outcome]);
  };

  const takeCommand = (batch: Batch, world: World, item: CommandItem) => {
    const reaction = react(batch, world, item.input);
    batch.replies.set(item, 'error' in reaction ? reaction : { reply: reaction.decision.reply });
  };

  const takeOutcome = (batch: Batch, world: World, item: OutcomeItem, open: Set<string>) => {
    // One outcome each, also within this batch.
    if (!open.delete(effectKey(item.effect))) return;
    const reaction = react(batch, world, item.input);
    // There is nowhere to park what an effect has answered: a rule that can't take it is a bug to be mended first.
    if ('error' in reaction)
      throw new FatalError('OUTCOME_REFUSED', `${item.input.name} of ${item.key}`, { cause: reaction.error });
  };

  /** Locks the keys and, behind the locks but in the same round trip, closes effects and loads the inputs' state. */
  const lockAndLoad = async (tx: Queryable, items: readonly Item[]) => {
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
    const [inbox, open, world] = await Promise.all([
      lockInbox(tx, [...keys]),
      outcomes.length === 0 ? [] : completeEffects(tx, outcomes),
      inputs.length === 0 ? undefined : reactor.load(tx, inputs),
    ]);
    return { inbox, open: new Set(open.map(effectKey)), world };
  };

  /** Issues every statement, and awaits none, so that COMMIT travels with them. What they answer is read afterwards. */
  const save = async (
    tx: Queryable,
    batch: Batch,
    world: World | undefined,
  ): Promise<() => Promise<ReactionReport>> => {
    batch.inbox.save(tx);
    const packed = packer.size > 0 ? packer.take() : undefined;
    const positions = packed && insertEntry(tx, packed.entry);
    const owner = options.owner(batch.effects.length);
    const inserted = batch.effects.length > 0 ? insertEffects(tx, batch.effects, owner) : [];
    const saved = world === undefined ? undefined : reactor.save(tx, world);
    // What fails before a statement is answered fails here; a statement that fails, fails the transaction.
    await Promise.race([saved, microtasksDone()]);
    return async () => {
      await saved?.catch((error: unknown) => {
        throw new FatalError('SAVE_FAILED', 'save failed behind its COMMIT', { cause: error });
      });
      const isNew = new Set((await inserted).map(effectKey));
      const [row] = (await positions) ?? [];
      guard.note(batch.outcomes);
      return {
        outcomes: batch.outcomes,
        replies: batch.replies,
        effects: owner === null ? [] : batch.effects.filter((effect) => isNew.has(effectKey(effect))),
        entry: row && packed && { position: row.position, ...packed },
      };
    };
  };

  const parkAll = async (tx: Queryable, batch: Batch) => {
    if (batch.parking.length === 0) return;
    guard.check(batch.outcomes);
    for (const { record, error } of await park(tx, batch.parking)) {
      if (error !== undefined) addDeadLetter(packer, service, { record, error, failedAt: batch.context.now });
    }
  };

  const createBatch = (inbox: LockedInbox): Batch => ({
    inbox,
    context: { now: clock(), newId },
    effects: [],
    parking: [],
    outcomes: [],
    replies: new Map(),
  });

  return {
    async run(connection, items) {
      const report = await inTransaction(connection, async (tx) => {
        packer.reset();
        const { inbox, open, world } = await lockAndLoad(tx, items);
        const batch = createBatch(inbox);
        for (const item of items) {
          // A batch without inputs reads no world.
          if (item.kind === 'message') takeMessage(batch, world as World, item);
          else if (item.kind === 'command') takeCommand(batch, world as World, item);
          else takeOutcome(batch, world as World, item, open);
        }
        await parkAll(tx, batch);
        return save(tx, batch, world);
      });
      return report();
    },
    async park(connection, item, error) {
      const report = await inTransaction(connection, async (tx) => {
        packer.reset();
        const batch = createBatch(await lockInbox(tx, [item.key]));
        const reading = { result: 'failed', error: toPoison(error) } as const;
        takeMessage(batch, undefined as World, { ...item, reading });
        await parkAll(tx, batch);
        return save(tx, batch, undefined);
      });
      return report();
    },
  };
}

/** Once all that can go on without I/O has gone on. */
const microtasksDone = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

const past = { apply: 'applied', remember: 'remembered', ignore: 'ignored' } as const;

const effectKey = ({ kind, id }: EffectId): string => `${kind}\n${id}`;

function inputOf(item: Item): Input | undefined {
  if (item.kind !== 'message') return item.input;
  return item.reading.result === 'input' ? item.reading.input : undefined;
}

function toPoison(error: unknown): PoisonError {
  if (error instanceof PoisonError) return error;
  const code = error instanceof Error ? error.name : 'Error';
  return new PoisonError(
    'HANDLER_FAILED',
    `${code}: ${error instanceof Error ? error.message : String(error)}`,
    {
      cause: error,
    },
  );
}

/**
 * A sequence that jumps says that an event is missing, or that the number is forged: taking it in would turn the
 * missing ones into duplicates for ever. Compaction removes older versions, and retention the oldest: no gap there.
 */
function gapBefore(topic: TopicName, sequence: number, applied: number): PoisonError | undefined {
  const { cleanup } = topics[topic];
  if (cleanup === 'compact' || (cleanup === 'delete' && applied === 0) || sequence === applied + 1)
    return undefined;
  return new PoisonError('SEQUENCE_GAP', `sequence ${sequence} follows ${applied}`);
}
