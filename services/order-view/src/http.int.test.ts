import { createHttp } from '@skald/service-kit';
import { createTestDatabase, eventually, type TestDatabase } from '@skald/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { modelNumber } from '../tests/given.ts';
import { openStream } from '../tests/stream-client.ts';
import { createFeed } from './feed.ts';
import { routes } from './http.ts';
import { createPostgresStore } from './postgres-store.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase(
    inject('infrastructure'),
    new URL('../migrations/002_orders.sql', import.meta.url),
  );
});
afterAll(() => database.stop());

const WAIT_MS = 300;
const open = async (limits: { slowMs?: number; heartbeatMs?: number; waitMs?: number } = {}) => {
  const store = createPostgresStore(database.db, 6);
  const feed = createFeed(store);
  const stopping = new AbortController();
  const { app } = await createHttp({ name: 'order-view' });
  routes(app, { store, feed, waitMs: WAIT_MS, stopping: stopping.signal, ...limits });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  let offset = 0;
  const service = {
    url,
    /** As the materialiser does. */
    async put(...models: readonly ReturnType<typeof modelNumber>[]) {
      const changes = models.map((model) => {
        offset += 1;
        return { partition: 0, offset: offset - 1, model };
      });
      feed.ring(await store.upsert(changes, 0, offset));
    },
    async get(path: string) {
      const response = await fetch(url + path);
      return { status: response.status, headers: response.headers, body: (await response.json()) as Answer };
    },
    connections: () =>
      new Promise<number>((resolve) => app.server.getConnections((_, count) => resolve(count))),
    stop() {
      stopping.abort();
      feed.stop();
    },
    async close() {
      service.stop();
      app.server.closeAllConnections();
      await app.close();
    },
  };
  opened.push(service);
  return service;
};

interface Answer {
  readonly orders: readonly { readonly orderId: string; readonly placedAt: string }[];
  readonly nextCursor: string | null;
  readonly facets: { readonly total: number; readonly status: Record<string, number> } | null;
  readonly position: string;
  readonly type: string;
  readonly version: number;
  readonly steps: readonly unknown[];
  readonly errors?: readonly { readonly pointer: string }[];
}

let view: Awaited<ReturnType<typeof open>>;
let opened: { close(): Promise<void> }[] = [];
beforeEach(async () => {
  await database.pool.query('TRUNCATE orders, order_terms, order_positions');
  view = await open();
});
afterEach(async () => {
  await Promise.all(opened.map((each) => each.close()));
  opened = [];
});

const { orderId } = modelNumber(1);

describe('GET /orders', () => {
  it('answers pages, newest first, and facets with the first', async () => {
    await view.put(...[1, 2, 3].map((number) => modelNumber(number)));
    const first = await view.get('/orders?limit=2');
    expect(first.body.orders.map((order) => order.orderId)).toEqual(
      [3, 2].map((number) => modelNumber(number).orderId),
    );
    expect(first.body.orders[0]?.placedAt).toBe('2026-01-31T12:00:03.000Z');
    expect(first.body.facets).toMatchObject({ total: 3, status: { PENDING: 3 } });
    const second = await view.get(`/orders?limit=2&cursor=${first.body.nextCursor}`);
    expect(second.body).toMatchObject({ orders: [{ orderId }], nextCursor: null, facets: null });
  });

  it('filters by all that is asked for', async () => {
    await view.put(modelNumber(1, { customerId: 'ada' }), modelNumber(2));
    const filters =
      'sku=SKU-0001&status=PENDING&waitsFor=inventory&text=oak%20lamp&minAmount=1000&maxAmount=1000&currency=EUR';
    const time = `from=2026-01-31T12:00:00Z&to=${encodeURIComponent('2026-01-31T13:00:02+01:00')}`;
    const { body } = await view.get(`/orders?customerId=ada&${filters}&${time}&sort=oldest`);
    expect(body.orders).toMatchObject([{ orderId }]);
  });

  it.each([
    ['limit=0', 'query/limit'],
    ['limit=101', 'query/limit'],
    ['status=LOST', 'query/status'],
    ['waitsFor=nobody', 'query/waitsFor'],
    ['from=yesterday', 'query/from'],
    ['minAmount=1.5', 'query/minAmount'],
    ['cursor=x', 'query/cursor'],
    ['text=%00', undefined],
    ['colour=blue', 'query/colour'],
  ])('refuses %s and names it', async (query, pointer) => {
    const { status, body } = await view.get(`/orders?${query}`);
    expect(status).toBe(400);
    expect(body.errors?.map((error) => error.pointer)).toEqual(pointer === undefined ? undefined : [pointer]);
  });
});

describe('GET /orders/{id}', () => {
  it('answers all that is known, its times as people write them; the timeline its steps alone', async () => {
    await view.put(modelNumber(1));
    const { body } = await view.get(`/orders/${orderId.toUpperCase()}`);
    expect(body).toMatchObject({
      orderId,
      version: 1,
      placedAt: '2026-01-31T12:00:01.000Z',
      steps: [{ verb: 'place', topic: 'orders.events', at: '2026-01-31T12:00:01.000Z' }],
      waitsFor: { service: 'inventory', verb: 'reserve' },
    });
    const timeline = await view.get(`/orders/${orderId}/timeline`);
    expect(timeline.body.steps).toEqual(body.steps);
    expect(timeline.body).not.toHaveProperty('lines');
  });

  it('answers 404 for one that is not known, 400 for what is no id', async () => {
    expect(await view.get(`/orders/${orderId}`)).toMatchObject({
      status: 404,
      body: { type: 'urn:skald:problem:unknown-order' },
    });
    expect((await view.get('/orders/nonsense')).status).toBe(400);
  });

  it('with after waits until the model has that version', async () => {
    view = await open({ waitMs: 30_000 });
    const reading = [view.get(`/orders/${orderId}?after=2`), view.get(`/orders/${orderId}/timeline?after=2`)];
    await view.put(modelNumber(1));
    await view.put(modelNumber(1, { version: 3 }));
    expect((await Promise.all(reading)).map(({ body }) => body.version)).toEqual([3, 3]);
    expect((await view.get(`/orders/${orderId}?after=3`)).body.version).toBe(3);
  });

  it('with after gives up in time, and says when to come again', async () => {
    await view.put(modelNumber(1));
    for (const id of [orderId, modelNumber(2).orderId]) {
      const { status, headers, body } = await view.get(`/orders/${id}?after=2`);
      expect(status).toBe(504);
      expect(headers.get('retry-after')).toBe('1');
      expect(body.type).toBe('urn:skald:problem:not-yet-visible');
    }
  });

  it('with after waits no longer once the service stops', async () => {
    view = await open({ waitMs: 30_000 });
    const reading = view.get(`/orders/${orderId}?after=2`);
    await eventually(async () => (await view.connections()) > 0);
    view.stop();
    expect((await reading).status).toBe(504);
  });
});

describe('GET /orders/stream', () => {
  it('tells of each change as it comes, whole', async () => {
    await view.put(modelNumber(1));
    const stream = await openStream(`${view.url}/orders/stream`);
    expect(stream.type).toMatch(/^text\/event-stream/);
    await eventually(() => stream.lastId !== '');
    await view.put(modelNumber(2), modelNumber(1, { version: 2 }));
    await eventually(() => stream.orders.length === 2);
    expect(stream.orders).toMatchObject([
      { orderId: modelNumber(2).orderId, version: 1 },
      { orderId, version: 2, steps: [{ verb: 'place' }] },
    ]);
    stream.close();
  });

  it('goes on where its reader was', async () => {
    const stream = await openStream(`${view.url}/orders/stream`);
    await eventually(() => stream.lastId !== '' || stream.text !== '');
    await view.put(modelNumber(1));
    await eventually(() => stream.orders.length === 1);
    stream.close();
    await view.put(modelNumber(2), modelNumber(3));
    await view.put(modelNumber(2, { version: 2 }));
    const again = await openStream(`${view.url}/orders/stream`, { 'last-event-id': stream.lastId });
    await eventually(() => again.orders.length === 2);
    // The newest of each, and nothing that was told before.
    expect(again.orders.map(({ orderId: id, version }) => [id, version])).toEqual([
      [modelNumber(3).orderId, 1],
      [modelNumber(2).orderId, 2],
    ]);
    again.close();
  });

  it('from the position of a page misses nothing that is not on it', async () => {
    await view.put(modelNumber(1));
    const { position } = (await view.get('/orders')).body;
    await view.put(modelNumber(2));
    const stream = await openStream(`${view.url}/orders/stream?from=${position}`);
    await eventually(() => stream.orders.length === 1);
    expect(stream.orders).toMatchObject([{ orderId: modelNumber(2).orderId }]);
    stream.close();
  });

  it('tells of one order alone, if asked to', async () => {
    const stream = await openStream(`${view.url}/orders/stream?from=0&orderId=${orderId}`);
    await view.put(modelNumber(2), modelNumber(1), modelNumber(3));
    await view.put(modelNumber(1, { version: 2 }));
    await eventually(() => stream.orders.at(-1)?.version === 2);
    expect(new Set(stream.orders.map((order) => order.orderId))).toEqual(new Set([orderId]));
    stream.close();
  });

  it('says now and then that it is still there', async () => {
    view = await open({ heartbeatMs: 30 });
    const stream = await openStream(`${view.url}/orders/stream`);
    await eventually(() => stream.text.includes(': still here'));
    stream.close();
  });

  it('cuts off a reader that takes nothing, while others go on', async () => {
    view = await open({ slowMs: 3_000 });
    const words = 'x'.repeat(400);
    const bulky = (version: number) =>
      Array.from({ length: 80 }, (_, index) =>
        modelNumber(index + 1, {
          version,
          mails: Array.from({ length: 40 }, () => ({
            template: 'order-confirmation' as const,
            state: 'unknown' as const,
            at: 0,
            cause: words,
          })),
        }),
      );
    const slow = await openStream(`${view.url}/orders/stream`);
    const quick = await openStream(`${view.url}/orders/stream`);
    slow.pause();
    let version = 0;
    await eventually(
      async () => {
        version += 1;
        await view.put(...bulky(version));
        return (await view.connections()) === 1;
      },
      { timeoutMs: 45_000, everyMs: 20, what: 'one of two readers is cut off' },
    );
    await eventually(() => quick.orders.at(-1)?.version === version, { timeoutMs: 30_000 });
    quick.close();
  });

  it('ends when the service stops', async () => {
    const stream = await openStream(`${view.url}/orders/stream`);
    view.stop();
    await stream.ended;
  });

  it('refuses a place that is none', async () => {
    expect((await view.get('/orders/stream?from=there')).status).toBe(400);
    expect((await view.get('/orders/stream?orderId=7')).status).toBe(400);
  });
});
