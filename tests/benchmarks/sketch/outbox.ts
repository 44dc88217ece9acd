import type { Message, Producer } from 'kafkajs';
import { partitions } from '../topics.ts';
import { array, type Database, type Statement } from './database.ts';
import { type NewSketchEvent, type SketchEvent, writeEvent } from './events.ts';
import { createGathering } from './gathering.ts';

/** Entries are large: they lie outside of the row, and nobody spends time on compressing them. */
export const outboxSchema = `
  CREATE TABLE IF NOT EXISTS outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, entry text NOT NULL);
  ALTER TABLE outbox ALTER COLUMN entry SET STORAGE EXTERNAL;
`;

const insert: Statement = {
  name: 'outbox-insert',
  text: 'INSERT INTO outbox (entry) VALUES ($1) RETURNING id',
};
const unsent: Statement = { name: 'outbox-unsent', text: 'SELECT id, entry FROM outbox ORDER BY id' };
const remove: Statement = { name: 'outbox-remove', text: 'DELETE FROM outbox WHERE id = ANY ($1::bigint[])' };

const removeEveryMs = 500;

/** The events of one transaction. */
export interface Entry {
  readonly text: string;
  readonly messages: readonly Message[];
}

export function pack(events: readonly NewSketchEvent[]): Entry {
  return toEntry(events.map((event) => [event.orderId, writeEvent(event)]));
}

function toEntry(events: readonly (readonly [orderId: string, text: string])[]): Entry {
  return {
    text: `[${events.map(([, text]) => text).join(',')}]`,
    messages: events.map(([key, value]) => ({ key, value, partition: partitionOf(key) })),
  };
}

/** The end of an order's id is random. kafkajs's own partitioner costs more than the rest of a record. */
const partitionOf = (orderId: string): number => Number.parseInt(orderId.slice(-6), 16) % partitions;

export interface EntryRow {
  readonly id: string;
}

export interface Outbox {
  /** Within a transaction. Nothing is written for no events. */
  save(db: Database, entry: Entry): Promise<readonly EntryRow[]>;
  /** After its commit. */
  send(rows: readonly EntryRow[], entry: Entry): void;
  /** Resolves once everything is sent and marked. */
  stop(): Promise<void>;
}

/** Sends what a crash has left unmarked, and from then on what is committed, one request after the other. */
export async function openOutbox(
  db: Database,
  producer: Producer,
  topic: string,
  fail: (error: unknown) => void,
): Promise<Outbox> {
  let sent: string[] = [];
  const add = createGathering<{ rows: readonly EntryRow[]; messages: readonly Message[] }>({
    work: async (entries) => {
      await producer.send({ topic, acks: -1, messages: entries.flatMap(({ messages }) => messages) });
      for (const { rows } of entries) for (const { id } of rows) sent.push(id);
    },
  });
  const mark = async (): Promise<void> => {
    if (sent.length === 0) return;
    const ids = sent;
    sent = [];
    await db.query(remove, [array(ids)]);
  };
  for (const { id, entry } of await db.query<EntryRow & { entry: string }>(unsent)) {
    const events = JSON.parse(entry) as SketchEvent[];
    const { messages } = toEntry(events.map((event) => [event.orderId, JSON.stringify(event)]));
    await add({ rows: [{ id }], messages });
  }
  const marking = setInterval(() => void mark().catch(fail), removeEveryMs);
  let last: Promise<void> = Promise.resolve();
  return {
    save: async (within, { text, messages }) =>
      messages.length === 0 ? [] : within.query<EntryRow>(insert, [text]),
    send: (rows, { messages }) => {
      if (messages.length === 0) return;
      last = add({ rows, messages });
      last.catch(fail);
    },
    async stop() {
      clearInterval(marking);
      await last;
      await mark();
    },
  };
}
