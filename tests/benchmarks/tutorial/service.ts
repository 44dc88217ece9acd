import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import fastify, { type FastifyInstance } from 'fastify';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import pg from 'pg';
import type { ServiceName } from '../contender.ts';
import { serve } from '../serving.ts';
import { groupOf, topicOf } from '../topics.ts';
import { type NewTutorialEvent, type TutorialEvent, type TutorialEventType, topicOfEvent } from './events.ts';

/** What happens on an event, inside the transaction; the events it answers go to the outbox. */
export type Handler = (db: pg.PoolClient, event: TutorialEvent) => Promise<readonly NewTutorialEvent[]>;

export interface TutorialService {
  readonly name: ServiceName;
  readonly schema: string;
  readonly consumes: readonly ServiceName[];
  readonly handlers: Partial<Record<TutorialEventType, Handler>>;
  routes?(app: FastifyInstance, pool: pg.Pool): void;
}

const messagingSchema = `
  CREATE TABLE IF NOT EXISTS processed_events (event_id uuid PRIMARY KEY, processed_at timestamptz NOT NULL DEFAULT now());
  CREATE TABLE IF NOT EXISTS outbox (
    id bigserial PRIMARY KEY,
    topic text NOT NULL,
    key text NOT NULL,
    payload jsonb NOT NULL,
    published boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX IF NOT EXISTS outbox_unpublished ON outbox (id) WHERE NOT published;
`;

const pollEveryMs = 500;
const pollLimit = 100;

/** Runs a service of the tutorial until SIGTERM. */
export async function runTutorialService(service: TutorialService): Promise<void> {
  const { DATABASE_URL, KAFKA_BROKERS, HTTP_PORT } = process.env;
  const pool = new pg.Pool({ connectionString: DATABASE_URL });
  await pool.query(messagingSchema + service.schema);
  const brokers = (KAFKA_BROKERS ?? '').split(',');
  const kafka = new Kafka({ clientId: service.name, brokers, logLevel: logLevel.WARN });

  const producer = kafka.producer();
  await producer.connect();
  const consumer = kafka.consumer({ groupId: groupOf('tutorial', service.name) });
  await consumer.connect();
  await consumer.subscribe({
    topics: service.consumes.map((name) => topicOf('tutorial', name)),
    fromBeginning: true,
  });
  await consumer.run({
    eachMessage: async ({ message }) => {
      const event = JSON.parse(message.value?.toString() ?? '') as TutorialEvent;
      const handler = service.handlers[event.type];
      if (handler !== undefined) await handleOnce(pool, event, handler);
    },
  });

  const stopping = new AbortController();
  const polling = pollOutbox(pool, producer, stopping.signal);
  const app = fastify();
  service.routes?.(app, pool);
  await serve(app, HTTP_PORT ?? '', async () => {
    await consumer.disconnect();
    stopping.abort();
    await polling;
    await producer.disconnect();
    await pool.end();
  });
}

/** One transaction a message: seen before? then nothing, else the business and its outbox rows. */
async function handleOnce(pool: pg.Pool, event: TutorialEvent, handler: Handler): Promise<void> {
  await inTransaction(pool, async (db) => {
    const inserted = await db.query(
      'INSERT INTO processed_events (event_id) VALUES ($1) ON CONFLICT DO NOTHING',
      [event.id],
    );
    if (inserted.rowCount === 0) return;
    for (const next of await handler(db, event)) await addToOutbox(db, next);
  });
}

export async function inTransaction<T>(pool: pg.Pool, work: (db: pg.PoolClient) => Promise<T>): Promise<T> {
  const db = await pool.connect();
  try {
    await db.query('BEGIN');
    const result = await work(db);
    await db.query('COMMIT');
    return result;
  } catch (error) {
    await db.query('ROLLBACK');
    throw error;
  } finally {
    db.release();
  }
}

export async function addToOutbox(db: pg.PoolClient, event: NewTutorialEvent): Promise<void> {
  const payload: TutorialEvent = { ...event, id: randomUUID(), at: Date.now() };
  await db.query('INSERT INTO outbox (topic, key, payload) VALUES ($1, $2, $3)', [
    topicOfEvent(event.type),
    event.order.orderId,
    payload,
  ]);
}

/** Publishes row by row, and waits only once the table is empty: kinder than the many that wait after each page. */
async function pollOutbox(pool: pg.Pool, producer: Producer, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const published = await publishPage(pool, producer);
      if (published === pollLimit) continue;
    } catch (error) {
      console.error('outbox:', error);
    }
    await sleep(pollEveryMs, undefined, { signal }).catch(() => undefined);
  }
}

interface OutboxRow {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly payload: TutorialEvent;
}

async function publishPage(pool: pg.Pool, producer: Producer): Promise<number> {
  const { rows } = await pool.query<OutboxRow>(
    'SELECT id, topic, key, payload FROM outbox WHERE NOT published ORDER BY id LIMIT $1',
    [pollLimit],
  );
  for (const { id, topic, key, payload } of rows) {
    await producer.send({ topic, messages: [{ key, value: JSON.stringify(payload) }] });
    await pool.query('UPDATE outbox SET published = true WHERE id = $1', [id]);
  }
  return rows.length;
}
