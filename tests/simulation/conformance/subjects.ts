import { randomUUID } from 'node:crypto';
import { type Connection, createDatabase, type Database, migrate } from '@skald/messaging/simulation';
import { createTestDatabase } from '@skald/testkit';
import { createSimulatedDatabase, type DatabaseNetwork } from '../database/client.ts';
import { Server } from '../database/server.ts';
import { createScheduler, type Process } from '../scheduler.ts';
import { EPOCH } from '../simulated-time.ts';
import { createWatch } from '../watch.ts';

/** A database that the suite runs on: Postgres itself, or its model. */
export interface Subject {
  readonly name: string;
  readonly database: Database;
  connect(): Promise<Connection>;
  /** Goes on until nothing does any more: what has not answered by then waits for a lock. */
  settle(open: () => number): Promise<void>;
  close(): Promise<void>;
}

export async function createRealSubject(control: string, migrations: string): Promise<Subject> {
  const test = await createTestDatabase(control);
  const silent = { debug: () => undefined };
  await migrate(test.url, migrations, silent as never);
  const name = `conformance-${randomUUID()}`;
  const database = createDatabase({ url: test.url, name });
  const watcher = await createDatabase({ url: test.url, name: 'watcher' }).connect();
  // Whoever releases a lock hands it to the one that waits for it, so this is never behind.
  const waiting = `SELECT count(DISTINCT l.pid) AS count FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
                   WHERE a.application_name = '${name}' AND NOT l.granted`;
  return {
    name: 'Postgres',
    database,
    connect: () => database.connect(),
    async settle(open) {
      // Whoever has not answered is waiting for a lock, or about to answer.
      for (;;) {
        const before = open();
        if (before === 0) return;
        const [row] = await watcher.query<{ count: number }>(waiting);
        // Both of two wait for each other: Postgres ends that, in a second.
        if (open() === before && row?.count === before && before < 2) return;
      }
    },
    async close() {
      await Promise.all([database.close(), watcher.close()]);
      await test.stop();
    },
  };
}

/** `clock`: so that rows get older as they do in Postgres, ms. */
export function createModelSubject(
  parts: Pick<DatabaseNetwork, 'tables' | 'statements'>,
  seed: number,
): Subject {
  const scheduler = createScheduler({ seed, slowOneIn: 0, slowMs: 0 });
  const process: Process = { name: 'model', alive: true, pausedUntil: 0, clockSkew: 0 };
  const network: DatabaseNetwork = {
    ...parts,
    server: new Server(() => EPOCH + scheduler.now),
    isAway: false,
    refuses: () => false,
    watch: createWatch(),
    stallMs: 0,
    links: new Set(),
  };
  const database = createSimulatedDatabase(network, scheduler, process);
  const run = async () => {
    // It ends where nothing is left to happen.
    await scheduler
      .run(() => false)
      .catch((error: unknown) => {
        if (!String(error).includes('nothing is left')) throw error;
      });
  };
  return {
    name: 'the model',
    database,
    async connect() {
      const connection = database.connect();
      await run();
      return connection;
    },
    settle: run,
    close: async () => undefined,
  };
}
