import type { EventName } from '@skald/contracts';
import {
  type Batch,
  type BatchOptions,
  createBatches,
  effectKey,
  nameIn,
  type Saved,
  toPoison,
} from './batch.ts';
import { type Connection, inTransaction, type Queryable } from './database.ts';
import { addDeadLetter } from './dead-letter.ts';
import { FatalError, type MessagingError } from './errors.ts';
import type { CommandItem, Item, MessageItem, OutcomeItem } from './item.ts';
import { placeOf } from './log-client.ts';
import { createMassFailureGuard, type Suspicion } from './mass-failure.ts';
import { findResolved, type MessageToPark, park } from './parking.ts';
import { writeSuspicion } from './suspicion.ts';

export type Outcome = 'applied' | 'remembered' | 'ignored' | 'duplicate' | 'poison' | 'parked';

export interface ReactionReport extends Saved {
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
}

export interface ReactionOptions<World, Change> extends BatchOptions<World, Change> {
  /** The process before this one was failing most of its messages. Default false. */
  readonly isSuspected?: boolean;
}

export interface Reaction {
  /**
   * All items, in their order, in one transaction: load, decide, save. Messages that fail in `decide` are parked.
   * Throws MassFailure where they are too many: then none is.
   */
  run(connection: Connection, items: readonly Item[]): Promise<ReactionReport>;
  /** Parks one message that fails elsewhere (its change can't be saved, its event can't be encoded). */
  park(connection: Connection, item: MessageItem, error: MessagingError): Promise<ReactionReport>;
}

/** What comes of a batch's items. */
interface Results {
  readonly parking: MessageToPark[];
  readonly outcomes: ReactionReport['outcomes'][number][];
  readonly replies: Map<CommandItem, { reply: unknown } | { error: unknown }>;
  /** Places of messages that an operator has done with, and that come again. */
  readonly resolved: ReadonlySet<string>;
}

/** Messages that were to be parked, and that an operator has done with: they are no poison any more. */
class ResolvedBefore extends Error {
  readonly places: readonly string[];
  constructor(places: readonly string[]) {
    super('redriven or discarded before');
    this.places = places;
  }
}

export function createReaction<World, Change>(options: ReactionOptions<World, Change>): Reaction {
  const { service } = options;
  const batches = createBatches(options);
  const guard = createMassFailureGuard({ isSuspected: options.isSuspected === true });

  const takeMessage = (batch: Batch<World>, results: Results, item: MessageItem) => {
    const { key, record } = item;
    const { topic, partition, offset } = record;
    const entry = batches.entryOf(batch, key);
    const ordinal = batches.ordinalOf(topic);
    const note = (outcome: Outcome, error?: MessagingError) => {
      const name = nameIn(item) ?? 'unknown';
      results.outcomes.push({ topic, partition, offset, key, name, outcome, ...(error && { error }) });
    };
    if (batches.isDuplicate(batch, item)) return note('duplicate');
    if (results.resolved.size > 0 && results.resolved.has(placeOf(record))) return note('duplicate');
    if (entry.isParked(ordinal)) {
      results.parking.push({ key, record });
      return note('parked');
    }
    const judgement = batches.judge(batch, item);
    if (judgement.outcome !== 'poison') return note(judgement.outcome);
    // Without a key there is no order to keep: the message is dead-lettered, and nothing waits behind it.
    if (key !== '') entry.park(ordinal);
    results.parking.push({ key, record, error: judgement.error });
    note('poison', judgement.error);
  };

  const takeCommand = (batch: Batch<World>, { replies }: Results, item: CommandItem) => {
    const reaction = batches.react(batch, item.input);
    replies.set(item, 'error' in reaction ? reaction : { reply: reaction.decision.reply });
  };

  const takeOutcome = (batch: Batch<World>, item: OutcomeItem) => {
    // One outcome each, also within this batch.
    if (!batch.closed.delete(effectKey(item.effect))) return;
    const reaction = batches.react(batch, item.input);
    // There is nowhere to park what an effect has answered: a rule that can't take it is a bug to be mended first.
    if ('error' in reaction)
      throw new FatalError('OUTCOME_REFUSED', `${item.input.name} of ${item.key}`, { cause: reaction.error });
  };

  const parkAll = async (
    tx: Queryable,
    batch: Batch<World>,
    { parking, outcomes }: Results,
  ): Promise<Suspicion> => {
    const suspicion = guard.judge(outcomes);
    // Awaited with the transaction.
    if (suspicion.isSuspected !== undefined) void writeSuspicion(tx, suspicion.isSuspected);
    if (parking.length === 0) return suspicion;
    const parked = await park(tx, parking);
    if (parked.length < parking.length) {
      const resolved = await findResolved(
        tx,
        parking.map(({ record }) => record),
      );
      if (resolved.length > 0) throw new ResolvedBefore(resolved);
    }
    for (const { record, error } of parked) {
      if (error !== undefined)
        addDeadLetter(batches.packer, service, {
          record,
          error,
          attempts: 1,
          firstFailedAt: batch.context.now,
        });
    }
    return suspicion;
  };

  /** Again, knowing them, where messages that are over have come again to be parked: next to never. */
  const knowing = async (
    work: (resolved: ReadonlySet<string>) => Promise<() => Promise<ReactionReport>>,
    resolved: ReadonlySet<string> = new Set(),
  ): Promise<ReactionReport> => {
    try {
      const report = await work(resolved);
      return await report();
    } catch (error) {
      if (!(error instanceof ResolvedBefore)) throw error;
      return knowing(work, new Set([...resolved, ...error.places]));
    }
  };

  const finish = async (tx: Queryable, batch: Batch<World>, results: Results) => {
    const suspicion = await parkAll(tx, batch, results);
    const saved = await batches.save(tx, batch);
    const { outcomes, replies } = results;
    return async (): Promise<ReactionReport> => {
      const { effects, entry } = await saved();
      suspicion.accept();
      return { outcomes, replies, effects, entry };
    };
  };

  return {
    run: (connection, items) =>
      knowing((resolved) =>
        inTransaction(connection, async (tx) => {
          const batch = await batches.open(tx, items);
          const results = createResults(resolved);
          for (const item of items) {
            if (item.kind === 'message') takeMessage(batch, results, item);
            else if (item.kind === 'command') takeCommand(batch, results, item);
            else takeOutcome(batch, item);
          }
          return finish(tx, batch, results);
        }),
      ),
    park: (connection, item, error) =>
      knowing((resolved) =>
        inTransaction(connection, async (tx) => {
          const batch = await batches.openKeys(tx, [item.key]);
          const results = createResults(resolved);
          const reading = { result: 'failed', error: toPoison(error) } as const;
          takeMessage(batch, results, { ...item, reading });
          return finish(tx, batch, results);
        }),
      ),
  };
}

const createResults = (resolved: ReadonlySet<string>): Results => ({
  parking: [],
  outcomes: [],
  replies: new Map(),
  resolved,
});
