import { connect as connectSocket } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { type ISocketFactory, Kafka, logLevel } from 'kafkajs';
import type { ServiceName } from '../contender.ts';
import { serve } from '../serving.ts';
import { groupOf, topicOf } from '../topics.ts';
import { connect, type Database } from './database.ts';
import { type Outbox, openOutbox, outboxSchema } from './outbox.ts';
import { createTurns, inboxSchema, type Reactor } from './turns.ts';

export interface SketchService<World> extends Reactor<World> {
  readonly name: ServiceName;
  readonly schema: string;
  readonly consumes: readonly ServiceName[];
  /** The connection is not the one that turns use. */
  routes?(app: FastifyInstance, db: Database, outbox: Outbox): Promise<void>;
}

/** Of one fetch: all that it brings belongs to one turn. */
const maxPartitions = 64;
const maxBytesPerPartition = 128 * 1024;
const commitEveryMs = 1_000;

/** Without Nagle's delay, which kafkajs forgets. */
const socketFactory: ISocketFactory = ({ host, port, onConnect }) =>
  connectSocket({ host, port, noDelay: true }, onConnect);

/** Nothing is tried again: a start goes on from what the outbox and the offsets say. */
function fail(error: unknown): never {
  console.error(error);
  process.exit(1);
}

/** Runs a service of the sketch until SIGTERM. */
export async function runSketchService<World>(service: SketchService<World>): Promise<void> {
  const { DATABASE_URL = '', KAFKA_BROKERS = '', HTTP_PORT = '' } = process.env;
  const db = await connect(DATABASE_URL);
  const turnsDb = await connect(DATABASE_URL);
  await db.run(inboxSchema + outboxSchema + service.schema);

  const kafka = new Kafka({
    clientId: service.name,
    brokers: KAFKA_BROKERS.split(','),
    logLevel: logLevel.WARN,
    socketFactory,
  });
  const producer = kafka.producer();
  await producer.connect();
  const outbox = await openOutbox(db, producer, topicOf('sketch', service.name), fail);

  const consumer = kafka.consumer({ groupId: groupOf('sketch', service.name), maxBytesPerPartition });
  await consumer.connect();
  await consumer.subscribe({
    topics: service.consumes.map((name) => topicOf('sketch', name)),
    fromBeginning: true,
  });
  const take = createTurns(turnsDb, service, outbox);
  const offsets = new Map<string, { topic: string; partition: number; offset: string }>();
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: maxPartitions,
    eachBatch: async ({ batch }) => {
      await take(batch).catch(fail);
      const { topic, partition } = batch;
      const offset = String(Number(batch.lastOffset()) + 1);
      offsets.set(`${topic}/${partition}`, { topic, partition, offset });
    },
  });
  const commitOffsets = async (): Promise<void> => {
    const due = [...offsets.values()];
    offsets.clear();
    if (due.length > 0) await consumer.commitOffsets(due);
  };
  const committing = setInterval(() => void commitOffsets().catch(fail), commitEveryMs);

  const app = fastify({ onProtoPoisoning: 'ignore', onConstructorPoisoning: 'ignore' });
  await service.routes?.(app, db, outbox);
  await serve(app, HTTP_PORT, async () => {
    clearInterval(committing);
    await consumer.stop();
    await commitOffsets();
    await consumer.disconnect();
    await outbox.stop();
    await producer.disconnect();
    await Promise.all([db.close(), turnsDb.close()]);
  });
}
