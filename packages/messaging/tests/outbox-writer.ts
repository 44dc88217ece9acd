import type { Connection, Database } from '../src/database.ts';
import { inTransaction } from '../src/database.ts';
import { createEntryPacker } from '../src/entry.ts';
import { lockInbox } from '../src/inbox.ts';
import { insertEntry } from '../src/outbox.ts';

export interface EventToWrite {
  readonly topic?: string;
  readonly key: string;
  /** Told apart and ordered by this alone. */
  readonly value: string | Buffer;
}

/** Writes entries as reactions do: positions are drawn under the keys' locks. */
export interface OutboxWriter {
  readonly connection: Connection;
  commit(...events: readonly EventToWrite[]): Promise<void>;
  /** As `commit`, but it thinks better of it. */
  rollBack(...events: readonly EventToWrite[]): Promise<void>;
  close(): Promise<void>;
}

export async function createOutboxWriter(database: Database): Promise<OutboxWriter> {
  const connection = await database.connect();
  const write = (events: readonly EventToWrite[], isRegretted: boolean) =>
    inTransaction(connection, async (tx) => {
      await lockInbox(tx, [...new Set(events.map(({ key }) => key))]);
      await insertEntry(tx, pack(events));
      if (isRegretted) throw new Error('regretted');
    });
  return {
    connection,
    commit: (...events) => write(events, false),
    rollBack: (...events) => write(events, true).catch(() => undefined),
    close: () => connection.close(),
  };
}

export function pack(events: readonly EventToWrite[]): Buffer {
  const packer = createEntryPacker();
  for (const { topic = 'payments.events', key, value } of events) {
    packer.add(topic, key, Buffer.from(value), ['ce_type', 'Test']);
  }
  return packer.take().entry;
}
