import type { TopicName } from '@skald/contracts';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Queryable } from './database.ts';
import type { CommandInput, EffectRunner, Reactor } from './reactor.ts';

/** Where everything is. Read from the environment by the service's config.ts. */
export interface KernelSettings {
  /** postgres://role:password@host:port/database */
  readonly databaseUrl: string;
  /** host:port */
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  /** `idempotent`, or `transactional`: see docs/adr */
  readonly relayMode: 'idempotent' | 'transactional';
}

export interface KernelOptions<World, Change> {
  /** The service's name: its consumer group, its `ce_source`, its producer's and its relay's name. */
  readonly service: string;
  readonly settings: KernelSettings;
  readonly reactor: Reactor<World, Change>;
  readonly effects?: Readonly<Record<string, EffectRunner<never, unknown>>>;
  /** Folder of the service's numbered SQL migrations: applied at start, under a lock, after the kernel's own. */
  readonly migrations: string;
  /**
   * Deadlines that have passed: asked about once a second by one instance at a time. A command returned from here is
   * only submitted once everything that was published to the consumed topics before it was found due has been read,
   * and the consumer and relay have been healthy for `graceMs`.
   */
  readonly deadlines?: {
    readonly graceMs: number;
    due(db: Queryable, now: number): Promise<readonly NewCommand[]>;
  };
  readonly logger: Logger;
  readonly metrics: Registry;
}

export interface NewCommand<Name extends string = string, Data = unknown> {
  readonly name: Name;
  readonly key: string;
  readonly data: Data;
  readonly correlationId?: string | undefined;
  readonly traceparent?: string | undefined;
}

export interface KernelStatus {
  /** The database answers and the migrations are applied. */
  readonly database: boolean;
  /** The consumer is a member of its group, or waits for its first assignment. */
  readonly consumer: 'starting' | 'running' | 'waiting' | 'stopped';
  /** What a waiting consumer waits for. */
  readonly waitingFor?: string | undefined;
  /** Outbox entries not yet acknowledged by Kafka, as this instance sees it. */
  readonly outboxDepth: number;
}

export interface Kernel {
  /** The pool, for queries outside of reactions. */
  readonly database: Queryable;
  /** Migrates, then starts relay, consumer and effect workers. Waits out outages; throws FatalError for a wrong configuration. */
  start(): Promise<void>;
  /**
   * React to a command: resolves with the decision's reply after the commit.
   * Throws the PoisonError or domain error that `decide` threw; OverloadError when too much waits.
   */
  submit<Reply>(command: NewCommand): Promise<Reply>;
  status(): KernelStatus;
  /** True once this instance has read the topic to the end it had when the partitions were assigned. */
  hasReadToEnd(topic: TopicName): boolean;
  /** Rejects when the process must end: fatal error, wedged consumer. Never resolves. */
  readonly failed: Promise<never>;
  /** Stop fetching, finish what is in hand, publish what is committed, close. Within 8 s. */
  stop(): Promise<void>;
}

export type { CommandInput };
