import type { Logger } from 'pino';
import { backoffMs, pause } from './backoff.ts';
import { type Connection, createDatabase, type Queryable } from './database.ts';
import { TransientError } from './errors.ts';
import { createKafkaClient } from './kafkajs-client.ts';
import type { KernelCheck, KernelSettings } from './kernel.ts';
import type { ConsumedRecord } from './log-client.ts';
import { migrateOwn } from './migrate.ts';
import { within } from './patience.ts';
import { createRecordFollower, type RecordFollower, type RecordFollowerOptions } from './record-follower.ts';
import { createTransactions } from './transactions.ts';

export interface FollowerOptions {
  /** The service's name: its consumer group. */
  readonly service: string;
  readonly settings: Pick<KernelSettings, 'databaseUrl' | 'brokers'>;
  readonly topics: readonly string[];
  /** Folder of the service's numbered SQL migrations: applied at start, under a lock. */
  readonly migrations: string;
  /**
   * Takes consecutive records of one partition in, within one transaction; the offset is committed after it. Several
   * partitions may come at once, and after a crash records come again.
   */
  take(tx: Queryable, records: readonly ConsumedRecord[]): Promise<void>;
  readonly logger: Logger;
}

/** A service beside the saga: it follows topics into a database of its own, and publishes nothing. */
export interface Follower {
  readonly database: Queryable;
  transaction<Result>(work: (tx: Queryable) => Promise<Result>): Promise<Result>;
  /** A connection of one's own, for locks that are held for long. Throws TransientError while Postgres is away. */
  connect(): Promise<Connection>;
  /** Migrates, then follows. Waits out outages; throws FatalError for a wrong configuration. */
  start(): Promise<void>;
  /** Ready once it is migrated, as long as the database answers. Kafka that is away makes nobody unready, and shows. */
  readiness(): Promise<KernelCheck[]>;
  /** Rejects when the process must end. Never resolves. */
  readonly failed: Promise<never>;
  /** Finishes the batches in hand, commits, closes. Within 8 s. */
  stop(): Promise<void>;
}

/** Follows topics into whatever the handler keeps: it brings no database, and migrates nothing. */
export const followRecords = (
  kafka: { readonly clientId: string; readonly brokers: readonly string[] },
  options: RecordFollowerOptions,
): RecordFollower => createRecordFollower(createKafkaClient(kafka, options.logger), options);

const PING_MS = 1_500;
const STOP_MS = 7_500;

export function createFollower(options: FollowerOptions): Follower {
  const { service, settings, topics, logger } = options;
  const database = createDatabase({ url: settings.databaseUrl, name: service });
  const transactions = createTransactions(database);
  const records: RecordFollower = createRecordFollower(
    createKafkaClient({ clientId: service, brokers: settings.brokers }, logger),
    {
      group: service,
      topics,
      logger,
      handle: (batch) => transactions.run((tx) => options.take(tx, batch)),
    },
  );
  const stopping = new AbortController();
  let starting: Promise<void> | undefined;
  let isMigrated = false;

  const start = async () => {
    for (let attempt = 1; !stopping.signal.aborted; attempt += 1) {
      try {
        await migrateOwn(settings.databaseUrl, options.migrations, logger);
        isMigrated = true;
        if (!stopping.signal.aborted) records.start();
        return;
      } catch (error) {
        if (!(error instanceof TransientError)) throw error;
        logger.warn({ err: error, attempt }, 'waiting for Postgres');
        await pause(backoffMs(attempt), stopping.signal);
      }
    }
  };

  const answers = async (): Promise<boolean> => {
    let isAlive = false;
    const ping = database.query('SELECT 1').then(() => {
      isAlive = true;
    });
    await within(PING_MS, ping);
    return isAlive;
  };

  const stopAll = async () => {
    await starting?.catch(() => undefined);
    await records.stop();
    await transactions.close();
    await database.close();
  };

  return {
    database,
    transaction: (work) => transactions.run(work),
    connect: () => database.connect(),
    failed: records.failed,
    start() {
      starting ??= start();
      return starting;
    },
    async readiness() {
      const { state, waitingFor } = records.status();
      const detail = waitingFor === undefined ? state : `waiting for ${waitingFor}`;
      return [
        { name: 'database', ready: isMigrated && (await answers()) },
        { name: 'messaging', ready: isMigrated, detail },
      ];
    },
    async stop() {
      stopping.abort();
      await within(STOP_MS, stopAll());
    },
  };
}
