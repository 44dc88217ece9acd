import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createEventDecoder, createTopicReader, type TopicEvent } from '@skald/auditor';
import { type Events, groups, type TopicName, topicOf } from '@skald/contracts';
import { createDatabase } from '@skald/messaging';
import { ask, createShop, eventually, send } from '@skald/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { judge } from './judge.ts';
import { planOrders } from './order-mix.ts';
import { followStream } from './order-stream.ts';
import { useSystem } from './use-system.ts';
import { startWorkload } from './workload.ts';

const ORDERS = 200;
const KILLS = 4;
/** On a busy machine, ms. */
const PATIENCE_MS = 120_000;

type Model = Events['OrderReadModel'];

interface OrderAnswer {
  readonly version: number;
  readonly status: string;
  readonly steps: readonly {
    event: string;
    topic: string;
    sequence: number;
    partition: number;
    offset: number;
  }[];
  readonly remaining: readonly unknown[];
  readonly waitsFor: unknown;
}

const models: TopicName = topicOf('OrderReadModel');
const read = groups['order-view'];
const system = useSystem('order-view', { companions: ['order-view'] });
const viewUrl = () => system.stack.addresses.services['order-view'] ?? '';
const seen = (orderId: string, query = '') => ask<OrderAnswer>(`${viewUrl()}/orders/${orderId}${query}`);

/** What all topics say, by key: each event once, and of each read model the last record. */
async function readLogs() {
  const { addresses } = system.stack;
  const reader = createTopicReader(addresses);
  try {
    const decode = createEventDecoder(addresses);
    const events = new Map<string, Map<string, TopicEvent>>();
    const last = new Map<string, TopicEvent>();
    for (const record of await reader.read([...read, models])) {
      const event = await decode(record);
      if (record.topic === models) last.set(event.key, event);
      else {
        const known = events.get(event.key) ?? new Map<string, TopicEvent>();
        events.set(event.key, known);
        const place = `${record.topic} ${event.sequence}`;
        if (!known.has(place)) known.set(place, event);
      }
    }
    return { events, last };
  } finally {
    await reader.close();
  }
}

const statusOf = (names: readonly string[]) =>
  names.includes('OrderCancelled') ? 'CANCELLED' : names.includes('OrderConfirmed') ? 'CONFIRMED' : 'PENDING';

/** In a text, to be compared as a set. */
const stepText = ({ event, topic, sequence, partition, offset }: OrderAnswer['steps'][number]) =>
  `${event} ${topic}/${partition}@${offset} ${sequence}`;
const eventText = ({ name, sequence, record }: TopicEvent) =>
  `${name} ${record.topic}/${record.partition}@${record.offset} ${sequence}`;

/** The command, as `npm run rebuild` runs it. */
function startRebuild(...args: string[]) {
  const { kafka, registry, postgres } = system.stack.addresses;
  const env = {
    ...process.env,
    DATABASE_URL: postgres['order-view'],
    KAFKA_BROKERS: kafka.brokers.join(),
    SCHEMA_REGISTRY_URL: registry,
  };
  const program = fileURLToPath(new URL('../../services/order-view/dist/rebuild-main.js', import.meta.url));
  const child = spawn(process.execPath, [program, '--json', ...args], { env });
  const said = { out: '', error: '' };
  child.stdout.on('data', (part: Buffer) => (said.out += part.toString()));
  child.stderr.on('data', (part: Buffer) => (said.error += part.toString()));
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, ...said })) };
}

async function rebuildsTo(code: number, ...args: string[]): Promise<Report> {
  const ended = await startRebuild(...args).ended;
  expect(ended.code, ended.error + ended.out).toBe(code);
  return JSON.parse(ended.out) as Report;
}

interface Report {
  readonly orders: number;
  readonly isSwitched: boolean;
  readonly comparison: {
    readonly hashes: { readonly live: string; readonly rebuilt: string };
    readonly examples: readonly unknown[];
  };
}

/** Whoever looks at the newest orders all the while, and sees none of them go. */
function startReading() {
  const seen = new Map<string, number>();
  const wrong: string[] = [];
  let reads = 0;
  let isClosed = false;
  const reading = (async () => {
    while (!isClosed) {
      const { status, body } = await send<{
        orders: { orderId: string; version: number }[];
        facets: { total: number };
      }>(`${viewUrl()}/orders?limit=100`);
      reads += 1;
      if (status !== 200) wrong.push(`answered ${status}`);
      else {
        if (body.facets.total < seen.size) wrong.push(`${body.facets.total} orders, ${seen.size} were there`);
        for (const { orderId, version } of body.orders) {
          if (version < (seen.get(orderId) ?? 0)) wrong.push(`${orderId} went back to version ${version}`);
          seen.set(orderId, version);
        }
      }
    }
  })();
  reading.catch((error: unknown) => wrong.push(String(error)));
  return {
    wrong,
    get reads() {
      return reads;
    },
    async close() {
      isClosed = true;
      await reading;
    },
  };
}

describe('the view of orders', () => {
  // First, as its judge knows of the workload alone.
  it('that is killed in the midst of 200 orders is the fold of the log all the same, in the topic, the store and the stream', async () => {
    const { stack, random, say } = system;
    const stream = followStream(viewUrl);
    await eventually(() => stream.position !== undefined, { what: 'the stream is open' });
    const workload = startWorkload({
      addresses: stack.addresses,
      orders: planOrders(ORDERS, random),
      everyMs: 250,
    });
    for (let kill = 1; kill <= KILLS; kill += 1) {
      await eventually(() => workload.accepted.size >= (kill * ORDERS) / (KILLS + 1), {
        timeoutMs: PATIENCE_MS,
        what: `so many orders have come in for kill ${kill}`,
      });
      say(`kill ${kill} of ${KILLS}, after ${workload.accepted.size} orders`);
      await stack.kill('order-view');
      await stack.ready('order-view');
    }
    await workload.done;
    const ids = [...workload.accepted.keys()];
    expect(ids.length).toBeGreaterThan(ORDERS / 2);
    expect(await judge(system, [workload])).toEqual([]);

    const { events, last } = await eventually(
      async () => {
        const logs = await readLogs();
        const behind = ids.filter(
          (id) => (logs.last.get(id)?.data as Model | undefined)?.version !== logs.events.get(id)?.size,
        );
        if (behind.length > 0) throw new Error(`${behind.length} are behind, such as ${behind[0]}`);
        return logs;
      },
      { timeoutMs: PATIENCE_MS, everyMs: 1_000, what: 'each model holds all of its order’s events' },
    );
    const wrong: string[] = [];
    for (const id of ids) {
      const told = [...(events.get(id)?.values() ?? [])];
      const record = last.get(id);
      const model = record?.data as Model;
      const shown = await seen(id, `?after=${model.version}`);
      const expected = told.map(eventText).sort();
      if (record?.sequence !== model.version) wrong.push(`${id}: its sequence is ${record?.sequence}`);
      if (JSON.stringify(shown.steps.map(stepText).sort()) !== JSON.stringify(expected))
        wrong.push(`${id}: its steps are ${JSON.stringify(shown.steps)}, its events ${expected.join()}`);
      const status = statusOf(told.map(({ name }) => name));
      if (shown.version !== told.length || shown.status !== status || model.status !== status)
        wrong.push(`${id}: ${shown.status} ${shown.version}, its log says ${status} ${told.length}`);
      if (shown.waitsFor !== null) wrong.push(`${id}: waits for ${JSON.stringify(shown.waitsFor)}`);
    }
    expect(wrong).toEqual([]);
    await eventually(() => ids.every((id) => stream.newest.get(id) === events.get(id)?.size), {
      timeoutMs: PATIENCE_MS,
      what: 'the stream has told of every order’s newest version',
    });
    say(`the stream was opened ${stream.openings} times`);
    expect(stream.openings).toBeGreaterThan(1);
    expect(stream.wentBack).toEqual([]);
    await stream.close();
  });

  it('shows an order as soon as its writer asks for it, then step by step, to its end', async () => {
    const shop = createShop(system.stack.addresses);
    const stream = followStream(viewUrl);
    await eventually(() => stream.position !== undefined, { what: 'the stream is open' });
    const { orderId, request } = await shop.placeOrder();
    expect((await seen(orderId, '?after=1')).version).toBeGreaterThanOrEqual(1);
    await shop.waitForEnd(orderId);
    const atEnd = await eventually(
      async () => {
        const order = await seen(orderId);
        return order.waitsFor === null && order;
      },
      { timeoutMs: PATIENCE_MS, what: 'nothing is waited for any more' },
    );
    expect(atEnd).toMatchObject({ status: 'CONFIRMED', remaining: [], version: 9 });
    expect(await seen(orderId, `/timeline?after=${atEnd.version}`)).toMatchObject({ steps: atEnd.steps });
    const late = await send(`${viewUrl()}/orders/${orderId}?after=${atEnd.version + 1}`);
    expect(late.status).toBe(504);
    await eventually(() => stream.newest.get(orderId) === atEnd.version, {
      what: 'the stream has told of it',
    });
    const page = await ask<{ orders: readonly { orderId: string }[] }>(
      `${viewUrl()}/orders?customerId=${encodeURIComponent(request.customerId)}&status=CONFIRMED`,
    );
    expect(page.orders.map((order) => order.orderId)).toContain(orderId);
    await stream.close();
  });

  it('is built again from the log while orders keep coming in: the same, with no gap for its readers', async () => {
    const { stack, random, say } = system;
    const stream = followStream(viewUrl);
    await eventually(() => stream.position !== undefined, { what: 'the stream is open' });
    const reader = startReading();
    const workload = startWorkload({
      addresses: stack.addresses,
      orders: planOrders(100, random),
      everyMs: 150,
    });
    await eventually(() => workload.accepted.size >= 20, { what: 'orders come in' });
    const { comparison, isSwitched } = await rebuildsTo(0);
    expect(isSwitched).toBe(true);
    expect(comparison).toMatchObject({ differences: 0, hashes: { live: comparison.hashes.rebuilt } });
    say(`${workload.accepted.size} orders have come in meanwhile`);
    workload.close();
    await workload.done;
    // What has come in while it was switched is there, and told of, and so is all that follows.
    for (const id of workload.accepted.keys()) {
      const version = await eventually(
        async () => {
          const order = await seen(id);
          return order.waitsFor === null && order.version;
        },
        { timeoutMs: PATIENCE_MS, what: `${id} is at its end` },
      );
      await eventually(() => stream.newest.get(id) === version, { what: `the stream has told of ${id}` });
    }
    await reader.close();
    expect(reader.wrong).toEqual([]);
    expect(reader.reads).toBeGreaterThan(10);
    expect(stream.openings).toBe(1);
    expect(stream.wentBack).toEqual([]);
    await stream.close();
  });

  it('stays as it is if a rebuild is killed or finds a difference; one that is accepted heals it, and can be taken back', async () => {
    const view = createDatabase({ url: system.stack.addresses.postgres['order-view'] ?? '', name: 'test' });
    onTestFinished(() => view.close());
    const generations = async () =>
      (await view.query<{ state: string }>('SELECT state FROM order_generations ORDER BY number')).map(
        ({ state }) => state,
      );
    const before = await generations();
    const killed = startRebuild();
    await eventually(async () => (await generations()).includes('building'), {
      what: 'it builds',
      everyMs: 20,
    });
    killed.child.kill('SIGSTOP');
    expect(await startRebuild().ended).toMatchObject({
      code: 2,
      error: expect.stringContaining('Another rebuild'),
    });
    killed.child.kill('SIGKILL');
    await killed.ended;
    const building = async () =>
      (
        await view.query<{ at: string }>(
          "SELECT created_at::text AS at FROM order_generations WHERE state = 'building'",
        )
      )[0]?.at;
    const left = await building();
    const stopped = startRebuild();
    await eventually(async () => ![undefined, left].includes(await building()), {
      what: 'it has dropped what was left, and builds',
      everyMs: 20,
    });
    stopped.child.kill('SIGTERM');
    expect((await stopped.ended).code).toBe(143);
    expect(await generations()).toEqual(before);

    const { orders } = await ask<{ orders: readonly { orderId: string }[] }>(`${viewUrl()}/orders`);
    const [{ orderId } = { orderId: '' }] = orders;
    const tampered = "jsonb_set(model::jsonb, '{status}', '\"PENDING\"')::json";
    await view.query(`UPDATE orders SET status = 'PENDING', model = ${tampered} WHERE order_id = $1`, [
      orderId,
    ]);
    const { version } = await seen(orderId);
    const different = { orderId, live: version, rebuilt: version };
    const found = await rebuildsTo(1);
    expect(found).toMatchObject({ isSwitched: false, comparison: { examples: [different] } });
    expect(await generations()).toEqual(before);
    expect((await seen(orderId)).status).toBe('PENDING');

    expect(await rebuildsTo(0, '--accept-differences')).toMatchObject({
      isSwitched: true,
      comparison: { examples: [different] },
    });
    expect((await seen(orderId)).status).not.toBe('PENDING');
    await rebuildsTo(0, '--rollback');
    expect((await seen(orderId)).status).toBe('PENDING');

    // Folded on from the views that were built: nothing of it counted twice, or lost.
    const shop = createShop(system.stack.addresses);
    const placed = await shop.placeOrder();
    await shop.waitForEnd(placed.orderId);
    expect(await seen(placed.orderId, '?after=9')).toMatchObject({ status: 'CONFIRMED', version: 9 });
    expect(await rebuildsTo(1, '--dry-run')).toMatchObject({ comparison: { examples: [different] } });
  });
});
