import { eventually } from '@skald/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { type LetterOptions, letter, resolution } from '../tests/given.ts';
import { linesOf, startService } from '../tests/given-service.ts';
import { parseRecord } from './dead-letter.ts';
import { save } from './store.ts';

let service: Awaited<ReturnType<typeof startService>>;
const why = { by: 'ada', reason: 'fixed upstream' };

beforeAll(async () => {
  service = await startService(inject('infrastructure'));
});
beforeEach(async () => {
  await service.database.pool.query('TRUNCATE dead_letters');
  service.operator.verdicts.clear();
  service.operator.refusals.clear();
  service.operator.asked.length = 0;
  service.operator.log.length = 0;
  service.operator.isAway = false;
});
afterAll(() => service.close());

const given = (...records: ReturnType<typeof letter>[]) =>
  service.database.transaction((db) =>
    save(
      db,
      records.map(parseRecord).filter((change) => change !== undefined),
    ),
  );
const many = (count: number, options: LetterOptions = {}) =>
  given(...Array.from({ length: count }, (_, offset) => letter({ offset, ...options })));
const named = (offset: number) => ({ group: 'payment', topic: 'orders.events', partition: 3, offset });
const asked = () => service.operator.asked.map(({ action, offsets }) => `${action} ${offsets.join()}`);
const job = async (path: string, body: object) => {
  const { status, text, type } = await service.send('POST', path, { perSecond: 1_000, ...body });
  expect([status, type]).toEqual([200, 'application/x-ndjson; charset=utf-8']);
  return linesOf(text);
};
const problemOf = async (method: string, path: string, body: object) => {
  const { status, text } = await service.send(method, path, body);
  return { status, ...(JSON.parse(text) as { detail?: string; errors?: object[] }) };
};

describe('whoever shows no token', () => {
  it.each(['/dead-letters', '/dead-letters/payment/orders.events/3/42', '/audit-log'])(
    'sees nothing at %s',
    async (path) => {
      expect(await service.get(path, {})).toMatchObject({ status: 401 });
      expect(await service.get(path, { authorization: 'Bearer wrong' })).toMatchObject({ status: 401 });
    },
  );

  it('changes nothing', async () => {
    const response = await fetch(`${service.url}/discards`, { method: 'POST' });
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  });

  it('sees the page of the API and whether it is alive', async () => {
    expect((await fetch(`${service.url}/openapi.json`)).status).toBe(200);
    expect((await fetch(`${service.url}/livez`)).status).toBe(200);
  });
});

describe('GET /dead-letters', () => {
  it('answers open ones, newest first, page by page, and counts them once', async () => {
    await many(5);
    await given(resolution('redriven', { offset: 2 }));
    const first = await service.get('/dead-letters?limit=3');
    expect(first.body).toMatchObject({
      deadLetters: [{ offset: 4 }, { offset: 3 }, { offset: 1 }],
      facets: { total: 4, group: { payment: 4 }, code: { UNDECODABLE: 4 } },
    });
    const next = await service.get(`/dead-letters?limit=3&cursor=${String(first.body['nextCursor'])}`);
    expect(next.body).toMatchObject({ deadLetters: [{ offset: 0 }], nextCursor: null, facets: null });
  });

  it.each([
    ['group=nobody', 'query/group'],
    ['topic=no.topic', 'query/topic'],
    ['from=yesterday', 'query/from'],
    ['limit=0', 'query/limit'],
    ['colour=red', 'query/colour'],
  ])('refuses %s, and names it', async (query, pointer) => {
    const { status, body } = await service.get(`/dead-letters?${query}`);
    expect(status).toBe(400);
    expect(body['errors']).toMatchObject([{ pointer }]);
  });
});

describe('GET one dead letter', () => {
  it('answers all there is to know', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await given(letter({ headers: { traceparent, odd: Buffer.of(255) } }));
    const { body } = await service.get('/dead-letters/payment/orders.events/3/42');
    expect(body).toMatchObject({
      deadLetter: { ...named(42), state: 'open' },
      content: { undecodable: '5 bytes' },
      rawValue: Buffer.from('bytes').toString('base64'),
      headers: { traceparent, odd: 'hex:ff' },
      parking: { queue: [{ offset: 42 }, { offset: 43, state: 'waiting' }], redrivesLeft: 4 },
      neighbours: { from: 0, to: 9 },
      traceUrl: 'http://traces/0af7651916cd43dd8448eb211c80319c',
      missing: [],
    });
  });

  it('says what it could not find out, and answers the rest', async () => {
    await given(letter());
    service.operator.isAway = true;
    const { status, body } = await service.get('/dead-letters/payment/orders.events/3/42');
    expect([status, body['parking']]).toEqual([200, null]);
    expect(body['missing']).toEqual([expect.stringContaining('payment does not answer')]);
  });

  it('answers 404 for one that is not there', async () => {
    expect(await service.get('/dead-letters/payment/orders.events/3/1')).toMatchObject({ status: 404 });
  });
});

describe('POST /tries', () => {
  it('tells what would become of each, and changes nothing', async () => {
    await many(3);
    service.operator.verdicts.set(1, { verdict: 'fails', error: { code: 'BAD', text: 'still' }, events: [] });
    service.operator.verdicts.set(2, { verdict: 'ignored', reason: 'it is cancelled', events: [] });
    const lines = await job('/tries', { filter: {} });
    expect(lines[0]).toEqual({ type: 'start', action: 'try', dryRun: true, total: 3 });
    expect(lines.slice(1, 4)).toMatchObject([
      { outcome: 'applies', failed: false, verdicts: [{ events: [{ name: 'PaymentCompleted' }] }] },
      { outcome: 'fails', failed: true, verdicts: [{ error: { code: 'BAD' } }] },
      { outcome: 'ignored', failed: false, verdicts: [{ reason: 'it is cancelled' }] },
    ]);
    expect(lines[4]).toMatchObject({
      type: 'end',
      done: 3,
      failed: 1,
      outcomes: { applies: 1, fails: 1, ignored: 1 },
      stopped: null,
    });
    expect(asked()).toEqual(['try 0,1,2']);
  });

  it('asks each service for its own', async () => {
    await given(letter({ offset: 1 }), letter({ offset: 2, group: 'inventory' }), letter({ offset: 3 }));
    await job('/tries', { filter: {} });
    expect(asked()).toEqual(['try 1', 'try 2', 'try 3']);
  });

  it('lets the service say that it knows nothing of one', async () => {
    service.operator.refusals.set(9, 'unknown');
    const [, result] = await job('/tries', { deadLetters: [named(9)] });
    expect(result).toMatchObject({ outcome: 'unknown', failed: true, deadLetter: { key: null } });
  });
});

describe('POST /redrives', () => {
  it('is dry unless told otherwise', async () => {
    await many(2);
    const lines = await job('/redrives', { filter: {}, ...why });
    expect(lines[0]).toMatchObject({ action: 'redrive', dryRun: true });
    expect(asked()).toEqual(['try 0,1']);
  });

  it('redrives what matches and nothing else, says who and why, and counts', async () => {
    await many(3);
    await given(letter({ offset: 7, code: 'OTHER' }));
    service.operator.verdicts.set(1, { verdict: 'fails' });
    service.operator.refusals.set(2, 'too-many-redrives');
    const lines = await job('/redrives', {
      filter: { code: 'UNDECODABLE' },
      dryRun: false,
      acceptGap: true,
      ...why,
    });
    expect(service.operator.asked).toEqual([
      { action: 'redrive', offsets: [0, 1, 2], acceptGap: true, ...why },
    ]);
    expect(lines.at(-1)).toMatchObject({
      total: 3,
      done: 3,
      failed: 2,
      taken: 1,
      outcomes: { applies: 1, fails: 1, 'too-many-redrives': 1 },
    });
  });

  it('takes no more a second than it may', async () => {
    await many(30);
    const begun = performance.now();
    await job('/redrives', { filter: {}, dryRun: false, perSecond: 20, ...why });
    // The first two go at once, each other two after 100 ms.
    expect(performance.now() - begun).toBeGreaterThan(1_350);
    expect(asked()[0]).toBe('redrive 0,1');
    expect(asked()).toHaveLength(15);
  });

  it('takes as long as it takes, beyond what other answers may', async () => {
    await many(12);
    const begun = performance.now();
    const lines = await job('/redrives', { filter: {}, dryRun: false, perSecond: 10, ...why });
    // The limit of the other requests of these tests is 600 ms.
    expect(performance.now() - begun).toBeGreaterThan(1_000);
    expect(lines.at(-1)).toMatchObject({ done: 12, stopped: null });
  });

  it('waits for a service that is away, and says so', async () => {
    await many(1);
    service.operator.isAway = true;
    const { reader } = await service.open('/redrives', { filter: {}, dryRun: false, ...why });
    let text = '';
    const read = (async () => {
      for (let part = await reader?.read(); part?.done === false; part = await reader?.read())
        text += Buffer.from(part.value).toString();
    })();
    await eventually(() => text.includes('"waiting"'));
    service.operator.isAway = false;
    await read;
    expect(linesOf(text)).toMatchObject([
      { type: 'start' },
      { type: 'waiting', for: 'payment' },
      { type: 'result' },
      { type: 'end', done: 1, stopped: null },
    ]);
  });

  it('ends when the caller hangs up, and another may begin', async () => {
    await many(500);
    const { reader, hangUp } = await service.open('/redrives', {
      filter: {},
      dryRun: false,
      perSecond: 20,
      ...why,
    });
    await reader?.read();
    hangUp();
    await reader?.cancel().catch(() => undefined);
    // Nothing is asked any more, once another one may begin.
    const nothing = { filter: { key: 'nobody' }, dryRun: false, ...why };
    await eventually(async () => {
      const before = service.operator.asked.length;
      await service.send('POST', '/redrives', nothing);
      return before < 100 && service.operator.asked.length === before;
    });
    const discard = { filter: { to: new Date(0).toISOString() }, dryRun: false, ...why };
    expect((await service.send('POST', '/discards', discard)).status).toBe(200);
    expect(service.operator.asked.length).toBeLessThan(100);
  });

  it('of a filter is one at a time for a service: 409 meanwhile, whoever asks', async () => {
    await many(200);
    const { reader, hangUp } = await service.open('/redrives', {
      filter: {},
      dryRun: false,
      perSecond: 10,
      ...why,
    });
    await reader?.read();
    expect(await problemOf('POST', '/discards', { filter: {}, dryRun: false, ...why })).toMatchObject({
      status: 409,
      detail: expect.stringContaining('payment'),
    });
    await job('/redrives', { filter: {}, ...why });
    hangUp();
    const again = { filter: {}, dryRun: false, perSecond: 1_000, ...why };
    await eventually(async () => (await service.send('POST', '/redrives', again)).status === 200);
  });

  it.each([
    [{ filter: {} }, '#/by'],
    [{ filter: {}, by: 'ada', reason: '' }, '#/reason'],
    [{ ...why }, '#/filter'],
    [{ filter: {}, deadLetters: [named(1)], ...why }, '#/filter'],
    [{ filter: { group: 'nobody' }, ...why }, '#/filter/group'],
    [{ filter: { grup: 'payment' }, ...why }, '#/filter/grup'],
    [{ filter: {}, perSecond: 5_000, ...why }, '#/perSecond'],
    [{ deadLetters: [{ ...named(1), offset: -1 }], ...why }, '#/deadLetters/0/offset'],
  ])('refuses %j, and names the field', async (body, pointer) => {
    const { status, errors } = await problemOf('POST', '/redrives', body);
    expect(status).toBe(400);
    expect(errors).toContainEqual(expect.objectContaining({ pointer }));
    expect(service.operator.asked).toEqual([]);
  });

  it('refuses what belongs to a service whose address it does not know, before it begins', async () => {
    await given(letter({ group: 'email', topic: 'outbox.events' }));
    const { status, detail } = await problemOf('POST', '/redrives', { filter: {}, dryRun: false, ...why });
    expect([status, detail]).toEqual([422, expect.stringContaining('email')]);
  });
});

describe('POST /discards', () => {
  it('is dry unless told otherwise; then it gives them up', async () => {
    await many(2);
    await job('/discards', { filter: {}, ...why });
    expect(asked()).toEqual(['try 0,1']);
    const lines = await job('/discards', { deadLetters: [named(1)], dryRun: false, ...why });
    expect(service.operator.asked.at(-1)).toEqual({ action: 'discard', offsets: [1], ...why });
    expect(lines.at(-1)).toMatchObject({ outcomes: { discarded: 1 }, failed: 0 });
  });
});

describe('PUT a value', () => {
  const path = '/dead-letters/payment/orders.events/3/42/value';

  it('hands it to the service that has it parked', async () => {
    const { status, text } = await service.send('PUT', path, { data: { orderId: 'k' }, ...why });
    expect([status, JSON.parse(text)]).toMatchObject([200, { content: { name: 'OrderCreated' } }]);
    expect(service.operator.asked).toEqual([{ action: 'edit', offsets: [42], ...why }]);
  });

  it('passes on which field is wrong', async () => {
    expect(await problemOf('PUT', path, { data: null, ...why })).toMatchObject({
      status: 422,
      errors: [{ pointer: '#/data/orderId', detail: 'must be a text' }],
    });
  });

  it('says what is missing, and which event is none', async () => {
    expect(await problemOf('PUT', path, { data: {} })).toMatchObject({ status: 400 });
    expect(await problemOf('PUT', path, { data: {}, name: 'Nothing', ...why })).toMatchObject({
      status: 400,
      errors: [{ pointer: '#/name' }],
    });
  });
});

describe('GET /audit-log', () => {
  it('gathers what the services have noted, newest first', async () => {
    for (const id of [1, 2, 3, 4, 5]) {
      const at = new Date(id * 1_000).toISOString();
      const message = { topic: 'orders.events', partition: 0, offset: id } as const;
      service.operator.log.push({
        ...message,
        id,
        at,
        key: 'k',
        action: 'redrive',
        result: 'drained 1',
        ...why,
      });
    }
    const { body } = await service.get('/audit-log?group=payment&limit=3');
    expect(body).toMatchObject({
      entries: [{ id: 5, group: 'payment', ...why }, { id: 4 }, { id: 3 }],
      missing: [],
    });
  });

  it('says whom it could not ask', async () => {
    service.operator.isAway = true;
    const { status, body } = await service.get('/audit-log');
    expect([status, body['entries']]).toEqual([200, []]);
    expect(body['missing']).toHaveLength(2);
  });
});

/** Last, as there is no way back. */
describe('a service that is told to stop', () => {
  it('ends its jobs, and says why', async () => {
    await many(300);
    const { reader } = await service.open('/redrives', { filter: {}, dryRun: false, perSecond: 10, ...why });
    let text = Buffer.from((await reader?.read())?.value ?? []).toString();
    service.stop('the service is stopping');
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read())
      text += Buffer.from(part.value).toString();
    expect(linesOf(text).at(-1)).toMatchObject({ type: 'end', stopped: 'the service is stopping' });
    expect(service.operator.asked.length).toBeLessThan(100);
  });
});
