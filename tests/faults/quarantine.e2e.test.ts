import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createTopicReader, type TopicRecord } from '@skald/auditor';
import {
  dlqTopic,
  type ServiceName,
  schemaOf,
  serviceNames,
  subjectOf,
  topics,
  typeFor,
} from '@skald/contracts';
import { eventually, send } from '@skald/testkit';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { FOREIGN, judge } from './judge.ts';
import { planOrders } from './order-mix.ts';
import { tellProgress } from './progress.ts';
import type { System } from './system.ts';
import { useSystem } from './use-system.ts';
import { startWorkload, type Workload } from './workload.ts';

const ORDERS = 5_000;
const EVERY_MS = 400;
/** As in deadly-preload.ts: importing it here would end this process. */
const DEADLY = 'nobody survives to decode this';
/** Of a process that died, until it reads again: the broker takes it for dead after 6 s. On a busy machine, ms. */
const AGAIN_MS = 60_000;
/** Is killed while payment dies of what it reads. It reads as many topics as payment, and has effects, too. */
const HEALTHY: ServiceName = 'shipping';
const KILLS = 8;

const preload = fileURLToPath(new URL('../dist/faults/deadly-preload.js', import.meta.url));

/** Orders come at a steady rate while something is done to the system. */
async function underLoad(system: System, work: (workload: Workload) => Promise<void>): Promise<Workload> {
  const { stack, random } = system;
  const orders = planOrders(ORDERS, random);
  const workload = startWorkload({ addresses: stack.addresses, orders, everyMs: EVERY_MS });
  const stopTelling = tellProgress(system, workload);
  try {
    await eventually(() => workload.accepted.size > 10, { what: 'the load is steady' });
    await work(workload);
    workload.close();
    await workload.done;
  } finally {
    workload.close();
    stopTelling();
  }
  return workload;
}

/** An order that everybody can read, and nobody can use: its record's key is another one. */
async function publishDeadly({ stack: { addresses } }: System): Promise<{ key: string; value: Buffer }> {
  const schema = schemaOf('OrderCreated');
  const { body } = await send<{ id: number }>(`${addresses.registry}/subjects/${subjectOf('OrderCreated')}`, {
    method: 'POST',
    body: { schema: JSON.stringify(schema) },
  });
  const unitPrice = { amount: 1_999, currency: 'EUR' };
  const order = typeFor(schema).toBuffer({
    orderId: randomUUID(),
    customerId: DEADLY,
    lines: [{ sku: 'SKU-0001', name: 'Mead', quantity: 1, unitPrice }],
    total: unitPrice,
    paymentMethod: 'tok_visa',
    createdAt: 0,
  });
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(body.id, 1);
  const [key, value] = [`deadly-${randomUUID()}`, Buffer.concat([prefix, order])];
  const headers = {
    ce_specversion: '1.0',
    ce_id: randomUUID(),
    ce_type: 'OrderCreated',
    ce_source: FOREIGN,
    ce_time: new Date(0).toISOString(),
    ce_sequence: '1',
    'content-type': 'application/avro',
  };
  const kafka = new Kafka({
    clientId: 'faults',
    brokers: [...addresses.kafka.brokers],
    logLevel: logLevel.NOTHING,
  });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  await producer.send({ topic: 'orders.events', messages: [{ key, value, headers }] });
  await producer.disconnect();
  return { key, value };
}

/** Payment has committed a batch of each partition: who dies then had no first batch to die of. */
async function underWayEverywhere({ databases }: System): Promise<void> {
  const sql = `SELECT count(*) AS count FROM messaging.progress WHERE topic = 'orders.events' AND holder IS NULL`;
  await eventually(
    async () => {
      const [row] = await databases.query<{ count: number }>('payment', sql);
      return row?.count === topics['orders.events'].partitions;
    },
    { timeoutMs: AGAIN_MS, what: 'payment is under way on every partition' },
  );
}

async function deadLetters({ stack }: System, topic: string): Promise<TopicRecord[]> {
  const reader = createTopicReader(stack.addresses);
  try {
    return await reader.read([topic]);
  } finally {
    await reader.close();
  }
}

/** Until the deadly message is a dead letter. Answers it, and the processes that payment has been meanwhile. */
async function quarantined(system: System, dlq: string) {
  const { stack, say } = system;
  const pids = new Set([stack.pid('payment')]);
  const letters = await eventually(
    async () => {
      const pid = stack.pid('payment');
      if (pid !== undefined && !pids.has(pid)) say(`payment starts anew (${pids.size} have died)`);
      if (pid !== undefined) pids.add(pid);
      const found = await deadLetters(system, dlq);
      return found.length > 0 && found;
    },
    { timeoutMs: 6 * AGAIN_MS, everyMs: 500, what: 'the deadly message is dead-lettered' },
  );
  return { letters, pids };
}

/** At random moments: while it joins its group, at its first batches, and when it is well under way. */
async function killInARow({ stack, random, say }: System, name: ServiceName): Promise<number> {
  let kills = 0;
  while (kills < KILLS) {
    await stack.ready(name);
    await new Promise((resolve) => setTimeout(resolve, random.int(0, 9_000)));
    await stack.kill(name);
    kills += 1;
    say(`kill -9 ${name}, ${kills} of ${KILLS}`);
  }
  await stack.ready(name);
  return kills;
}

describe('under load', () => {
  const system = useSystem('quarantine', {
    environment: { payment: { NODE_OPTIONS: `--import=${preload}` } },
  });
  let deadlyKey = '';
  let kills: Promise<number> | undefined;

  it('a message that ends the process that decodes it is parked undecoded at the sixth start, byte for byte; everything else flows, and nothing else is parked', async () => {
    const { stack, say, databases } = system;
    const dlq = dlqTopic('orders.events', 'payment');
    const workload = await underLoad(system, async () => {
      await underWayEverywhere(system);
      kills = killInARow(system, HEALTHY);
      const deadly = await publishDeadly(system);
      deadlyKey = deadly.key;
      const [{ letters, pids }] = await Promise.all([quarantined(system, dlq), kills]);
      // The one that was under way had no first batch to die of; then two together, one among a few (but for a message that
      // comes without company), and two alone.
      expect([6, 7]).toContain(pids.size);
      expect(letters.map(({ key, value }) => ({ key: key?.toString(), value }))).toEqual([deadly]);
      expect(letters[0]?.headers['dlq_error_code']).toBe('CRASHED_THE_PROCESS');
      const survivor = stack.pid('payment');
      await stack.kill('payment', 'SIGTERM');
      await stack.ready('payment');
      say(`payment was stopped in order (${survivor}), and starts once more`);
    });
    expect(await judge(system, [workload])).toEqual([]);
    expect(await deadLetters(system, dlq)).toHaveLength(1);
    const parked = await databases.query<{ key: string }>('payment', 'SELECT key FROM messaging.parked');
    expect(parked).toEqual([{ key: deadlyKey }]);
  }, 600_000);

  it(`a healthy service that was killed ${KILLS} times meanwhile has nothing parked, nor has anybody else`, async () => {
    expect(await kills).toBe(KILLS);
    // Whoever could decode it could not use it.
    const sql = 'SELECT key FROM messaging.parked WHERE key <> $1';
    for (const service of serviceNames) {
      expect(await system.databases.query(service, sql, [deadlyKey]), service).toEqual([]);
    }
  });
});
