import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type EventName, schemaOf, subjectOf, topicOf, typeFor } from '@skald/contracts';
import { startStack } from '@skald/local-stack';
import { createDatabase } from '@skald/messaging';
import { ask, eventually } from '@skald/testkit';
import { Kafka, logLevel, Partitioners, type TopicMessages } from 'kafkajs';

/**
 * How many orders a second does a rebuild build, while orders keep coming in? Puts orders into the topics of a stack of its own, nine
 * events each, waits until order-view has them, and rebuilds while others follow and one reads. Prints the rebuild's report, and what
 * the reader saw.
 *
 *   node tests/dist/measurements/rebuild.js [--orders 100000] [--rate 50] [--search]
 */
const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '100000' },
    rate: { type: 'string', default: '50' },
    search: { type: 'boolean', default: false },
  },
});
const ORDERS = Number(values.orders);
const RATE = Number(values.rate);
const BATCH = 500;
const TICK_MS = 100;
const READ_EVERY_MS = 50;
const PATIENCE_MS = 3_600_000;
const PRODUCTS = ['Lamp', 'Vase', 'Clock', 'Bench', 'Mirror', 'Shelf', 'Stool'];

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const directory = await mkdtemp(join(tmpdir(), 'skald-rebuild-'));
// Postgres runs as another user where this runs as root.
await chmod(directory, 0o755);
const stack = await startStack({
  directory,
  services: 'none',
  companions: ['order-view'],
  provision: true,
  search: values.search,
});
const { kafka: place, registry, postgres } = stack.addresses;
const kafka = new Kafka({ clientId: 'measurement', brokers: [...place.brokers], logLevel: logLevel.ERROR });
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, idempotent: true });
const view = createDatabase({ url: postgres['order-view'] ?? '', name: 'measurement' });
const prefixes = new Map<EventName, Buffer>();

async function encode(name: EventName, data: object): Promise<Buffer> {
  let prefix = prefixes.get(name);
  if (prefix === undefined) {
    const { id } = await ask<{ id: number }>(`${registry}/subjects/${subjectOf(name)}/versions/latest`);
    prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(id, 1);
    prefixes.set(name, prefix);
  }
  return Buffer.concat([prefix, typeFor(schemaOf(name)).toBuffer(data)]);
}

const uuid = (number: number): string => `01890a5d-ac96-774b-bcce-${String(number).padStart(12, '0')}`;
const euro = (amount: number) => ({ amount, currency: 'EUR' });
const BEGINNING = Date.UTC(2026, 0, 31, 12);

/** A confirmed order's whole way. */
function eventsOf(number: number): readonly (readonly [EventName, number, object])[] {
  const orderId = uuid(number);
  const at = BEGINNING + number * 10;
  const lines = [0, 1].map((turn) => {
    const product = PRODUCTS[(number + turn) % PRODUCTS.length] ?? '';
    return {
      sku: `SKU-${String(((number * 7 + turn) % 998) + 1).padStart(4, '0')}`,
      name: `Oak ${product}`,
      quantity: 1 + turn,
      unitPrice: euro(4_990),
    };
  });
  const stock = lines.map(({ sku, quantity }) => ({ sku, quantity }));
  const total = euro(14_970);
  const shipmentId = uuid(number + 5e11);
  const paymentId = uuid(number + 6e11);
  const shipment = { carrier: 'Skald Express', trackingNumber: `SX${number}`, serviceLevel: 'standard' };
  const sent = (template: string, ms: number) => ({
    orderId,
    notificationId: uuid(number + 7e11),
    template,
    sentAt: at + ms,
  });
  const customerId = `customer-${number % 5_000}`;
  return [
    ['OrderCreated', 1, { orderId, customerId, lines, total, paymentMethod: 'tok_visa', createdAt: at }],
    ['StockReserved', 1, { orderId, lines: stock, reservedAt: at + 100 }],
    ['MailSent', 1, sent('order-confirmation', 120)],
    [
      'PaymentCompleted',
      1,
      { orderId, paymentId, chargeId: `ch_${number}`, amount: total, completedAt: at + 250 },
    ],
    [
      'ShipmentScheduled',
      1,
      { orderId, shipmentId, ...shipment, promisedDate: '2026-02-02', scheduledAt: at + 400 },
    ],
    ['OrderConfirmed', 2, { orderId, shipmentId, confirmedAt: at + 450 }],
    ['StockShipped', 2, { orderId, lines: stock, shippedAt: at + 500 }],
    ['ShipmentDispatched', 2, { orderId, shipmentId, trackingNumber: `SX${number}`, dispatchedAt: at + 510 }],
    ['MailSent', 2, sent('shipment-scheduled', 620)],
  ];
}

async function placeOrders(from: number, to: number): Promise<void> {
  const byTopic = new Map<string, TopicMessages['messages']>();
  for (let number = from; number < to; number += 1) {
    for (const [name, sequence, data] of eventsOf(number)) {
      const topic = topicOf(name);
      const messages = byTopic.get(topic) ?? [];
      byTopic.set(topic, messages);
      messages.push({
        key: uuid(number),
        value: await encode(name, data),
        headers: {
          ce_id: uuid(number * 10 + messages.length),
          ce_type: name,
          ce_source: 'measurement',
          ce_specversion: '1.0',
          ce_time: new Date(BEGINNING + number * 10 + sequence).toISOString(),
          ce_sequence: String(sequence),
          ce_correlationid: 'measurement',
        },
      });
    }
  }
  await producer.sendBatch({ topicMessages: [...byTopic].map(([topic, messages]) => ({ topic, messages })) });
}

/** Orders that are wholly there. */
async function countShown(): Promise<number> {
  const { search } = stack.addresses;
  if (search !== undefined)
    return (await ask<{ count: number }>(`${search}/orders/_count?q=version:9`)).count;
  const [row] = await view.query<{ count: number }>('SELECT count(*) FROM orders WHERE version = 9');
  return row?.count ?? 0;
}

async function shown(least: number): Promise<true> {
  const count = await countShown();
  if (count < least) throw new Error(`${count} of ${least} orders are there`);
  return true;
}

/** One order, and a page of all, again and again: answers how often, how often not, and the longest, ms. */
async function readUntil(isOver: () => boolean) {
  const base = stack.addresses.services['order-view'] ?? '';
  const seen = { reads: 0, failed: 0, longestMs: 0 };
  while (!isOver()) {
    for (const path of [`/orders/${uuid(1)}`, '/orders?limit=10']) {
      const askedAt = performance.now();
      const isWhole = await fetch(`${base}${path}`).then(
        async (answer) => {
          const body = (await answer.json()) as { orders?: readonly unknown[] };
          return answer.status === 200 && (body.orders?.length ?? 10) === 10;
        },
        () => false,
      );
      seen.reads += 1;
      if (!isWhole) seen.failed += 1;
      seen.longestMs = Math.max(seen.longestMs, Math.round(performance.now() - askedAt));
    }
    await new Promise((resolve) => setTimeout(resolve, READ_EVERY_MS));
  }
  return seen;
}

try {
  await producer.connect();
  const startedAt = performance.now();
  for (let from = 0; from < ORDERS; from += BATCH) {
    await placeOrders(from, Math.min(from + BATCH, ORDERS));
    if (from % 10_000 === 0) say(`${from} orders are in the topics`);
  }
  await eventually(() => shown(ORDERS), {
    timeoutMs: PATIENCE_MS,
    everyMs: 2_000,
    what: 'order-view has them',
  });
  say(`the live fold had them after ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);

  let next = ORDERS;
  let isOver = false;
  const coming = (async () => {
    while (!isOver) {
      const count = Math.max(1, Math.round((RATE * TICK_MS) / 1_000));
      await placeOrders(next, next + count);
      next += count;
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
  })();
  const program = fileURLToPath(
    new URL('../../../services/order-view/dist/rebuild-main.js', import.meta.url),
  );
  const env = {
    ...process.env,
    DATABASE_URL: postgres['order-view'],
    KAFKA_BROKERS: place.brokers.join(),
    SCHEMA_REGISTRY_URL: registry,
    ...(stack.addresses.search !== undefined && { SEARCH_URL: stack.addresses.search }),
  };
  const reading = readUntil(() => isOver);
  const child = spawn(process.execPath, [program], { env, stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number | null];
  isOver = true;
  await coming;
  const { reads, failed, longestMs } = await reading;
  say(`${reads} reads meanwhile, ${failed} without a whole answer, the longest took ${longestMs} ms`);
  say(`${next - ORDERS} orders came in meanwhile; exit code ${code}`);
  await eventually(() => shown(next), {
    timeoutMs: PATIENCE_MS,
    everyMs: 500,
    what: 'order-view has them all',
  });
  process.exitCode = code ?? 1;
} finally {
  await view.close();
  await producer.disconnect();
  await stack.stop();
  await rm(directory, { recursive: true, force: true });
}
