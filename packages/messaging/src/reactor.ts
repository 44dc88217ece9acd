import type { EventName, Events, TopicName } from '@skald/contracts';
import type { Queryable } from './database.ts';
import type { CommandInput, EventInput, Input, OutcomeInput } from './input.ts';

/** An event that a decision publishes. Its topic follows from its name. */
export type NewEvent<Name extends EventName = EventName> = {
  readonly [N in Name]: {
    readonly name: N;
    /** The partition key. Locked by this reaction (the input's key or one of `locks`), unless `sequence` is given. */
    readonly key: string;
    readonly data: Events[N];
    /** Only where the service's own locked row counts the key's versions; the kernel counts otherwise. */
    readonly sequence?: number;
  };
}[Name];

/** A call to the world outside, saved with the state and executed after the commit by a leased worker. */
export interface NewEffect<Kind extends string = string, Data = unknown> {
  readonly kind: Kind;
  /**
   * Idempotency key, unique for each kind among the open ones: a second effect with the id of one whose outcome hasn't
   * come in yet is dropped. One that is done isn't remembered here. That the message which decided it comes again is
   * known by the inbox, for ever; that another message asks for the same, the service has to know by its own state.
   */
  readonly id: string;
  readonly data: Data;
}

/**
 * What a rule says of one input.
 * - `apply`: the state changes, events and effects follow
 * - `remember`: too early; kept in the state until what it waits for comes
 * - `ignore`: rightly without effect, for the reason given
 * Poison is thrown (`PoisonError`); an unexpected exception counts as poison for this message alone.
 */
export type Decision<Change = unknown> =
  | {
      readonly outcome: 'apply' | 'remember';
      readonly change: Change;
      readonly events?: readonly NewEvent[];
      readonly effects?: readonly NewEffect[];
      /** For a command: what its caller gets once the transaction has committed. */
      readonly reply?: unknown;
    }
  | { readonly outcome: 'ignore'; readonly reason: string; readonly reply?: unknown };

/** Time and ids come from here alone, so that a decision can be made again. */
export interface DecisionContext {
  /** Epoch ms, the same for a whole batch. */
  readonly now: number;
  /** A new UUIDv7. */
  newId(): string;
}

/**
 * The three words that a service gives the kernel, for a whole batch of inputs at once. The kernel does the rest:
 * decoding, the inbox, locks, the outbox, effects, parking, offsets.
 *
 * World: all the state that a batch touches. Change: what one decision does to it.
 */
export interface Reactor<World, Change> {
  /** Topics to consume. Every event of theirs reaches `decide`, but those named in `unread`. */
  readonly consumes: readonly TopicName[];
  /** Events that no rule reads: counted as ignored, never decoded. Event → reason. */
  readonly unread?: Partial<Record<EventName, string>>;
  /**
   * Events that bring nobody further: they wait (`LINGER_MS`) for more of them, and share a transaction. One of their key
   * that somebody waits for takes them along: no input ever passes another of its key.
   */
  readonly lingering?: readonly EventName[];
  /** Further keys to lock for an input, known from the input alone. */
  locks?(input: Input): readonly string[];
  /** Load the state of all inputs in a handful of statements; rows shared between keys FOR UPDATE, sorted. */
  load(db: Queryable, inputs: readonly Input[]): Promise<World>;
  /** Pure: reads the world, changes nothing, does no I/O. */
  decide(world: World, input: Input, context: DecisionContext): Decision<Change>;
  /** Apply a change to the batch's world, so that the next input sees it. */
  evolve(world: World, change: Change): void;
  /**
   * Pure, asked once, behind a batch's last decision: what follows from all of them together, such as the state that a
   * key has come to. Each is published under the key of an input of the batch, and follows from the last one that was
   * taken in.
   */
  conclude?(world: World): readonly NewEvent[];
  /**
   * Write what changed, set-based, in the same transaction as `load`, the outbox and the effects. All statements are
   * issued before the first is awaited: COMMIT travels right behind them.
   */
  save(db: Queryable, world: World): Promise<void>;
}

/** How a kind of effect is executed. */
export interface EffectRunner<Data = unknown, Outcome = unknown> {
  /**
   * Do it. The answer becomes an `OutcomeInput`. Throw `TransientError` (or anything with `retryable: true`) to be
   * called again with backoff; a refusal by the business is an answer, not an exception.
   */
  run(
    effect: { id: string; key: string; data: Data; attempt: number },
    signal: AbortSignal,
  ): Promise<Outcome>;
  /**
   * false: never executed a second time (a mail): after a crash in the middle `unknown` becomes the outcome.
   * Such a runner throws `TransientError` only when it is certain that nothing happened.
   */
  readonly repeatable: boolean;
  readonly unknown?: Outcome;
  /** Nobody waits for its outcome: see `Reactor.lingering`. */
  readonly lingers?: boolean;
  /** Executions at once. Default 64. */
  readonly concurrency?: number;
}

export type { CommandInput, EventInput, Input, OutcomeInput };
