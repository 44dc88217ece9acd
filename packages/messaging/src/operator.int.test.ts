import { type MessageId, deadLetterHeaders as names, type TopicName } from '@skald/contracts';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { encode, orderCreated, record } from '../tests/given.ts';
import { createTestDatabase, type TestDatabase } from '../tests/infrastructure.ts';
import { createReacting, type Reacting } from '../tests/reacting.ts';
import { tally } from '../tests/tally.ts';
import { readRecord, unpackEntry } from './entry.ts';
import type { ConsumedRecord } from './log-client.ts';
import { MAX_REDRIVES } from './operator.ts';

let database: TestDatabase;
let reacting: Reacting;
let orderId: string;
/** What the handler failed at is mended. */
let isMended: boolean;

const decide: (typeof tally)['decide'] = (world, input, context) => {
  const isBug =
    input.kind === 'event' && input.name === 'OrderCreated' && input.data.paymentMethod === 'tok_bug';
  if (!isBug || !isMended) return tally.decide(world, input, context);
  return tally.decide(world, { ...input, data: { ...input.data, paymentMethod: 'tok_visa' } }, context);
};

beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  await database.query(
    `TRUNCATE tallies, messaging.inbox, messaging.outbox, messaging.effects, messaging.parked,
       messaging.operator_log`,
  );
  isMended = false;
  reacting = await createReacting(database, { decide });
  orderId = uuidv7();
  return async () => {
    await reacting.operator.stop();
    await reacting.loop.stop();
  };
});
afterAll(() => database.drop());

const created = (sequence = 1, paymentMethod = 'tok_visa', id = orderId) =>
  record('OrderCreated', orderCreated({ orderId: id, paymentMethod }), sequence);
const confirmed = (sequence: number, id = orderId) =>
  record('OrderConfirmed', { orderId: id, shipmentId: id, confirmedAt: 1 }, sequence);
const idOf = ({ topic, partition, offset }: ConsumedRecord): MessageId => ({
  topic: topic as TopicName,
  partition,
  offset,
});

const act = { by: 'ada', reason: 'the handler is mended' };
const redrive = async (message: ConsumedRecord, acceptGap = false) => {
  const { results } = await reacting.operator.redrive({ messages: [idOf(message)], acceptGap, ...act });
  return results[0];
};
const discard = async (message: ConsumedRecord) => {
  const { results } = await reacting.operator.discard({ messages: [idOf(message)], ...act });
  return results[0];
};
const verdicts = async (message: ConsumedRecord, data?: unknown) => {
  const answer = await reacting.operator.try({ messages: [idOf(message)], data, acceptGap: false });
  if ('invalid' in answer) throw new Error(JSON.stringify(answer));
  return answer.results[0]?.verdicts;
};
const open = async () =>
  (await reacting.operator.parked({ limit: 1_000, after: 0 })).messages.map(
    ({ key, state, error }) => `${key} ${error?.code ?? state}`,
  );
const count = async (id = orderId) =>
  (await database.query<{ count: number }>('SELECT count FROM tallies WHERE order_id = $1', [id]))[0]?.count;
const applied = async (topic = 'orders.events', key = orderId) =>
  (
    await database.query<{ applied: number | null; parked: boolean }>(
      'SELECT applied, parked FROM messaging.inbox_view WHERE key = $1 AND topic = $2',
      [key, topic],
    )
  )[0];
/** What the dead letter topic holds, a line a record. */
const deadLetters = async () => {
  const rows = await database.query<{ entry: Buffer }>(
    'SELECT entry FROM messaging.outbox ORDER BY position',
  );
  return rows
    .flatMap(({ entry }) => unpackEntry(entry).map(readRecord))
    .filter(({ topic }) => topic.endsWith('.dlq'))
    .map(({ headers, value }) => ({
      value,
      text: [names.resolution, names.errorCode, names.attempts, names.offset, names.by, names.reason]
        .map((name) => headers[name]?.toString())
        .filter((text) => text !== undefined)
        .join(' '),
    }));
};
const texts = async () => (await deadLetters()).map(({ text }) => text);

describe('a redrive', () => {
  it('drains the key in order, and from then on it flows', async () => {
    const bad = created(1, 'tok_bug');
    await reacting.take(bad, confirmed(2), confirmed(3));
    isMended = true;
    expect(await redrive(bad)).toMatchObject({
      refusal: null,
      drained: true,
      taken: 3,
      verdicts: [
        { event: 'OrderCreated', verdict: 'applies', events: [{ name: 'PaymentCompleted', key: orderId }] },
        { event: 'OrderConfirmed', verdict: 'applies', events: [] },
        { event: 'OrderConfirmed', verdict: 'applies', events: [] },
      ],
    });
    expect(await open()).toEqual([]);
    expect(await applied()).toEqual({ applied: 3, parked: false });
    await reacting.take(confirmed(4));
    expect(await count()).toBe(4);
    const own = (await reacting.published()).filter(({ topic }) => topic === 'payments.events');
    expect(own).toEqual([{ topic: 'payments.events', key: orderId, name: 'PaymentCompleted', sequence: 1 }]);
  });

  it('is on the record: what became of the dead letter, who did it, and why', async () => {
    const bad = created(1, 'tok_bug');
    await reacting.take(bad, confirmed(2));
    isMended = true;
    await redrive(bad);
    expect(await texts()).toEqual([
      `HANDLER_FAILED 1 ${bad.offset}`,
      `redriven ${bad.offset} ada the handler is mended`,
    ]);
    expect(await reacting.operator.log({ limit: 10, after: 0 })).toMatchObject({
      entries: [{ ...idOf(bad), ...act, action: 'redrive', key: orderId, result: '2 taken in; drained' }],
      next: null,
    });
  });

  it('takes in by their sequence those that came in another order', async () => {
    const third = confirmed(3);
    await reacting.take(created(1), third, confirmed(2));
    expect(await open()).toEqual([`${orderId} SEQUENCE_GAP`, `${orderId} waiting`]);
    expect(await redrive(third)).toMatchObject({ drained: true, taken: 2 });
    expect(await applied()).toEqual({ applied: 3, parked: false });
  });

  it('that fails again leaves it first, counts the attempt, and tells when it first failed', async () => {
    const bad = created(1, 'tok_bug');
    await reacting.take(bad, confirmed(2));
    expect(await redrive(bad)).toMatchObject({
      refusal: null,
      drained: false,
      taken: 0,
      verdicts: [{ verdict: 'fails', error: { code: 'HANDLER_FAILED' } }],
    });
    expect(await open()).toEqual([`${orderId} HANDLER_FAILED`, `${orderId} waiting`]);
    expect(await texts()).toEqual([`HANDLER_FAILED 1 ${bad.offset}`, `HANDLER_FAILED 2 ${bad.offset}`]);
    expect((await deadLetters()).map(({ value }) => value)).toEqual([bad.value, bad.value]);
    expect(await count()).toBeUndefined();
  });

  it('goes as far as it can: one that fails behind it is a dead letter then, and first', async () => {
    const bad = created(1, 'tok_bug');
    const worse = created(3, 'tok_refused');
    await reacting.take(bad, confirmed(2), worse, confirmed(4));
    isMended = true;
    expect(await redrive(bad)).toMatchObject({ drained: false, taken: 2 });
    expect(await open()).toEqual([`${orderId} REFUSED`, `${orderId} waiting`]);
    expect(await texts()).toContain(`REFUSED 1 ${worse.offset}`);
    expect(await count()).toBe(2);
    expect(await discard(worse)).toMatchObject({ drained: true, taken: 1 });
    expect(await count()).toBe(3);
  });

  it('finds the one that can not be saved, and takes in those before it', async () => {
    const bad = created(1, 'tok_bug');
    const worse = created(3, 'tok_unsaveable');
    await reacting.take(bad, confirmed(2), worse, confirmed(4));
    isMended = true;
    const result = await redrive(bad);
    expect(result).toMatchObject({ drained: false, taken: 2 });
    expect(result?.verdicts.map(({ verdict }) => verdict)).toEqual(['applies', 'applies', 'fails']);
    expect(await open()).toEqual([`${orderId} NOT_SAVED`, `${orderId} waiting`]);
    expect(await applied()).toEqual({ applied: 2, parked: true });
  });

  it(`is refused after ${MAX_REDRIVES} that failed, until the message is edited`, async () => {
    const bad = created(1, 'tok_refused');
    await reacting.take(bad);
    for (let i = 0; i < MAX_REDRIVES; i += 1) expect(await redrive(bad)).toMatchObject({ refusal: null });
    expect(await redrive(bad)).toMatchObject({ refusal: 'too-many-redrives', taken: 0 });
    expect(await texts()).toHaveLength(1 + MAX_REDRIVES);
    await reacting.operator.edit({ message: idOf(bad), data: orderCreated({ orderId }), ...act });
    expect(await redrive(bad)).toMatchObject({ drained: true, taken: 1 });
  });

  it('happens once: what is over, waits, or was never parked is refused', async () => {
    const bad = created(1, 'tok_bug');
    const behind = confirmed(2);
    await reacting.take(bad, behind);
    expect(await redrive(behind)).toMatchObject({ refusal: 'waiting', taken: 0 });
    isMended = true;
    await redrive(bad);
    expect(await redrive(bad)).toMatchObject({ refusal: 'resolved', taken: 0 });
    expect(await redrive(created(1))).toMatchObject({ refusal: 'unknown', taken: 0 });
    await reacting.take(bad, behind);
    expect(await count()).toBe(2);
    expect(reacting.outcomes().slice(-2)).toEqual(['duplicate', 'duplicate']);
  });

  it('decides an effect once, however often it is asked for', async () => {
    const bad = created(1, 'tok_bug');
    await reacting.take(bad, created(2, 'tok_charge'));
    isMended = true;
    await Promise.all([redrive(bad), redrive(bad), redrive(bad)]);
    expect(reacting.reports.flatMap(({ effects }) => effects.map(({ kind, id }) => `${kind} ${id}`))).toEqual(
      [`charge ${orderId}`],
    );
  });

  it('may accept that others before it are missing for good', async () => {
    const third = confirmed(3);
    await reacting.take(created(1), third);
    expect(await redrive(third)).toMatchObject({ verdicts: [{ error: { code: 'SEQUENCE_GAP' } }] });
    expect(await redrive(third, true)).toMatchObject({ drained: true });
    await reacting.take(confirmed(2), confirmed(4));
    expect(reacting.outcomes().slice(-2)).toEqual(['duplicate', 'applied']);
  });

  it('of more than one transaction takes drains them all', async () => {
    const bad = created(1, 'tok_bug');
    await reacting.take(bad, ...Array.from({ length: 249 }, (_, index) => confirmed(index + 2)));
    isMended = true;
    const result = await redrive(bad);
    expect(result).toMatchObject({ drained: true, taken: 250 });
    expect(result?.verdicts).toHaveLength(100);
    expect(await count()).toBe(250);
  });

  it('that was broken off is finished by itself', async () => {
    const bad = created(1, 'tok_bug');
    await reacting.take(bad, confirmed(2), confirmed(3));
    // As an operator's process leaves it that dies behind the first transaction.
    await database.query('UPDATE messaging.parked SET state = \'redriven\' WHERE "offset" = $1', [
      bad.offset,
    ]);
    await database.query(
      `UPDATE messaging.inbox SET applied = ARRAY(
         SELECT CASE name WHEN 'orders.events' THEN 1 END FROM messaging.topics ORDER BY ordinal)`,
    );
    reacting.operator.start();
    await vi.waitFor(async () => expect(await applied()).toEqual({ applied: 3, parked: false }), {
      timeout: 20_000,
    });
    expect(await open()).toEqual([]);
  });

  it('keeps the order of each key, whatever comes in meanwhile', async () => {
    const ids = Array.from({ length: 20 }, () => uuidv7());
    const bad = ids.map((id) => created(1, 'tok_bug', id));
    await reacting.take(...bad);
    isMended = true;
    // Whatever a redrive doesn't get done in its time.
    reacting.operator.start();
    const coming = (async () => {
      for (let sequence = 2; sequence <= 30; sequence += 1)
        await reacting.take(...ids.map((id) => confirmed(sequence, id)));
    })();
    for (const message of bad) expect(await redrive(message)).toMatchObject({ refusal: null });
    await coming;
    await vi.waitFor(async () => expect(await open()).toEqual([]), { timeout: 20_000 });
    for (const id of ids) {
      expect(await applied('orders.events', id)).toEqual({ applied: 30, parked: false });
      expect(await count(id)).toBe(30);
    }
    expect(reacting.fatal).toEqual([]);
  });
});

describe('a discard', () => {
  it('lets the rest of the key go on', async () => {
    const bad = created(1, 'tok_refused');
    await reacting.take(bad, confirmed(2), confirmed(3));
    expect(await discard(bad)).toMatchObject({ refusal: null, drained: true, taken: 2 });
    expect(await applied()).toEqual({ applied: 3, parked: false });
    expect(await count()).toBe(2);
    expect(await texts()).toEqual([
      `REFUSED 1 ${bad.offset}`,
      `discarded ${bad.offset} ada the handler is mended`,
    ]);
  });

  it('holds when the message comes again, even without a sequence', async () => {
    const bad = { ...created(1), headers: {} };
    await reacting.take(bad);
    await discard(bad);
    await reacting.take(bad, created(1));
    expect(await open()).toEqual([]);
    expect(reacting.outcomes()).toEqual(['BAD_HEADERS', 'duplicate', 'applied']);
    expect(await texts()).toHaveLength(2);
  });

  it('of one that jumped ahead keeps the place of those that are missing', async () => {
    const forged = confirmed(9);
    await reacting.take(created(1), forged);
    await discard(forged);
    await reacting.take(confirmed(2));
    expect(await applied()).toEqual({ applied: 2, parked: false });
  });

  it('of one without a key touches no other', async () => {
    const [one, other] = [created(1), created(1)].map((message) => ({ ...message, key: null }));
    await reacting.take(one as ConsumedRecord, other as ConsumedRecord);
    expect(await discard(one as ConsumedRecord)).toMatchObject({ refusal: null, drained: true, taken: 0 });
    expect(await open()).toEqual([' WRONG_KEY']);
    expect(await redrive(other as ConsumedRecord)).toMatchObject({ verdicts: [{ verdict: 'fails' }] });
  });
});

describe('a try', () => {
  const everything = () =>
    Promise.all([
      ...[
        'tallies',
        'messaging.inbox',
        'messaging.outbox',
        'messaging.effects',
        'messaging.parked',
        'messaging.operator_log',
      ].map((table) => database.query(`SELECT * FROM ${table} t ORDER BY t::text`)),
      database.query('SELECT last_value, is_called FROM messaging.outbox_position'),
    ]);

  it('says what each would do, and leaves no trace', async () => {
    const bad = created(1, 'tok_bug');
    await reacting.take(bad, created(2, 'tok_charge'), created(3, 'tok_ignored'), created(4, 'tok_early'));
    const before = await everything();
    isMended = true;
    expect(await verdicts(bad)).toMatchObject([
      {
        ...idOf(bad),
        verdict: 'applies',
        events: [{ name: 'PaymentCompleted', topic: 'payments.events', data: { orderId } }],
      },
      { verdict: 'applies', effects: [{ kind: 'charge', id: orderId }] },
      { verdict: 'ignored', reason: 'a test' },
      { verdict: 'remembered' },
    ]);
    expect(await everything()).toEqual(before);
    expect(reacting.reports.flatMap(({ effects }) => effects)).toEqual([]);
  });

  it.each([
    ['tok_refused', 'REFUSED'],
    ['tok_bug', 'HANDLER_FAILED'],
    ['tok_unsaveable', 'NOT_SAVED'],
    ['tok_unencodable', 'NOT_SAVED'],
  ])('of %s tells why it still fails, and what is not reached for it', async (paymentMethod, code) => {
    const bad = created(1, 'tok_bug');
    await reacting.take(bad, confirmed(2), created(3, paymentMethod), confirmed(4), confirmed(5));
    if (paymentMethod !== 'tok_bug') isMended = true;
    const told = (await verdicts(bad))?.map(({ verdict, error }) => error?.code ?? verdict);
    const reached = paymentMethod === 'tok_bug' ? [] : ['applies', 'applies'];
    expect(told).toEqual([
      ...reached,
      code,
      ...Array.from({ length: 4 - reached.length }, () => 'not-reached'),
    ]);
  });

  it('knows what came in another way meanwhile', async () => {
    const bad = confirmed(3);
    await reacting.take(created(1), bad, confirmed(2), confirmed(3));
    expect((await verdicts(bad))?.map(({ verdict }) => verdict)).toEqual(['applies', 'applies', 'duplicate']);
  });

  it('takes another value for granted, if it is one', async () => {
    const bad = created(1, 'tok_refused');
    await reacting.take(bad);
    expect(await verdicts(bad, orderCreated({ orderId }))).toMatchObject([{ verdict: 'applies' }]);
    expect(await verdicts(bad)).toMatchObject([{ verdict: 'fails' }]);
    const nonsense = { ...orderCreated({ orderId }), lines: [{ sku: 'SKU-0001', quantity: 'many' }] };
    expect(
      await reacting.operator.try({ messages: [idOf(bad)], data: nonsense, acceptGap: false }),
    ).toMatchObject({
      invalid: expect.arrayContaining([expect.objectContaining({ pointer: '/lines/0/quantity' })]),
    });
  });

  it('waits for a lock for seconds at most', async () => {
    const bad = created(1, 'tok_bug');
    await reacting.take(bad);
    const other = await database.connect();
    try {
      await other.query('BEGIN');
      await other.query('SELECT FROM messaging.inbox WHERE key = $1 FOR UPDATE', [orderId]);
      await expect(verdicts(bad)).rejects.toMatchObject({ retryable: true, code: '55P03' });
    } finally {
      await other.close();
    }
    expect(await verdicts(bad)).toMatchObject([{ verdict: 'fails' }]);
  });
});

describe('an edit', () => {
  it('replaces the value; the dead letter topic keeps both', async () => {
    const bad = { ...created(1), value: Buffer.from('no event at all') };
    await reacting.take(bad, confirmed(2));
    const data = orderCreated({ orderId });
    const result = await reacting.operator.edit({ message: idOf(bad), data, ...act });
    expect(result).toMatchObject({
      detail: { message: { edited: true }, content: { name: 'OrderCreated', data } },
    });
    expect((await deadLetters()).map(({ value }) => value)).toEqual([
      bad.value,
      encode('OrderCreated', data),
    ]);
    expect(await texts()).toEqual([
      `UNDECODABLE 1 ${bad.offset}`,
      `edited ${bad.offset} ada the handler is mended`,
    ]);
    expect(await redrive(bad)).toMatchObject({ drained: true, taken: 2 });
    expect(await count()).toBe(2);
  });

  it.each([
    ['a field too many', { ...orderCreated(), colour: 'red' }, ''],
    ['a wrong number', { ...orderCreated(), total: { amount: 'much', currency: 'EUR' } }, '/total/amount'],
    ['nothing', undefined, ''],
  ])('to %s is refused, naming the field', async (_what, data, pointer) => {
    const bad = created(1, 'tok_refused');
    await reacting.take(bad);
    const result = await reacting.operator.edit({ message: idOf(bad), data, ...act });
    expect(result).toMatchObject({ invalid: [{ pointer }] });
    expect(await texts()).toHaveLength(1);
  });

  it('of bytes that say nothing of their event asks for its name', async () => {
    const bad = { ...created(1), headers: { ce_sequence: Buffer.from('1') }, value: Buffer.of(9) };
    await reacting.take(bad);
    const edit = { message: idOf(bad), data: orderCreated({ orderId }), ...act };
    expect(await reacting.operator.edit(edit)).toMatchObject({ invalid: [{ pointer: '/name' }] });
    expect(await reacting.operator.edit({ ...edit, name: 'OrderCreated' })).toHaveProperty('detail');
  });
});

describe('what an operator sees', () => {
  it('is the message, decoded or in hex, and what waits behind it', async () => {
    const bad = created(1, 'tok_bug');
    await reacting.take(bad, confirmed(2));
    const detail = await reacting.operator.detail(idOf(bad));
    expect(detail).toMatchObject({
      message: { key: orderId, state: 'failed', event: 'OrderCreated', sequence: 1, attempts: 1 },
      content: { name: 'OrderCreated', data: { orderId, paymentMethod: 'tok_bug' } },
      rawValue: bad.value?.toString('base64'),
      headers: { ce_type: 'OrderCreated' },
      stack: expect.stringContaining('TypeError'),
      queue: [{ state: 'failed' }, { state: 'waiting' }],
      redrivesLeft: MAX_REDRIVES,
    });
    const other = { ...created(1), key: Buffer.from('x'), value: Buffer.from('??') };
    await reacting.take(other);
    expect(await reacting.operator.detail(idOf(other))).toMatchObject({
      content: { undecodable: 'not in the Confluent wire format' },
    });
  });

  it('is how much is parked, and since when', async () => {
    await reacting.take(created(1, 'tok_bug'), confirmed(2), created(1, 'tok_bug', uuidv7()));
    expect(await reacting.operator.parking()).toMatchObject({ messages: 3, failed: 2, keys: 2 });
    const page = await reacting.operator.parked({ limit: 2, after: 0, state: 'failed' });
    expect(page.messages).toHaveLength(2);
    expect(
      await reacting.operator.parked({ limit: 2, after: page.next ?? 0, state: 'failed' }),
    ).toMatchObject({
      messages: [],
    });
  });

  it('is forgotten with its dead letter, once it is over; never before', async () => {
    const bad = created(1, 'tok_refused');
    const still = created(1, 'tok_refused', uuidv7());
    await reacting.take(bad, still);
    await discard(bad);
    await database.query(
      "UPDATE messaging.parked SET resolved_at = resolved_at - interval '15 days', parked_at = parked_at - interval '90 days'",
    );
    reacting.operator.start();
    await vi.waitFor(async () => expect(await reacting.operator.detail(idOf(bad))).toBeUndefined(), {
      timeout: 20_000,
    });
    expect(await open()).toHaveLength(1);
  });
});
