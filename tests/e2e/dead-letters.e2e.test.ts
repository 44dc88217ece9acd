import { randomUUID } from 'node:crypto';
import { schemaOf, subjectOf, typeFor } from '@skald/contracts';
import {
  createOrderRequest,
  eventually,
  openDatabases,
  type PlacedOrder,
  send,
  waitForRest,
} from '@skald/testkit';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dlq, dlqIn, dlqJson, type Listed, nameOf } from './dlq-command.ts';
import {
  addresses,
  expectInvariants,
  expectMails,
  foreignSource,
  moneyKept,
  shop,
  sorted,
} from './system.ts';

const databases = openDatabases(addresses);
const kafka = new Kafka({
  clientId: 'e2e-dead-letters',
  brokers: [...addresses.kafka.brokers],
  logLevel: logLevel.NOTHING,
});
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });

beforeAll(() => producer.connect());
afterAll(() => Promise.all([producer.disconnect(), databases.close()]));

/** What lies open, or in another state, of a key; once it is as many. */
const listed = (count: number, key: string, ...more: string[]) =>
  eventually(
    async () => {
      const found = await dlqJson<Listed>('list', '--key', key, ...more);
      return found.length === count && found;
    },
    { what: `${count} dead letters of ${key} are listed`, everyMs: 200 },
  );
const only = async (key: string, ...more: string[]): Promise<string> => {
  const [one] = await listed(1, key, ...more);
  return one === undefined ? '' : nameOf(one);
};
const publish = async (topic: string, key: string, value: Buffer, headers: Record<string, string>) =>
  producer.send({ topic, messages: [{ key, value, headers: { ce_source: foreignSource, ...headers } }] });
const headersOf = (name: string) => ({
  ce_specversion: '1.0',
  ce_id: randomUUID(),
  ce_type: name,
  ce_time: new Date().toISOString(),
  ce_sequence: '1',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
});
const because = ['--yes', '--reason', 'a test'];

/** What money and mails there are in the whole world. */
const world = async () => ({ charges: await shop.listCharges(), mails: (await shop.mails()).length });

describe('A message that nobody can read', () => {
  const key = randomUUID();
  const bytes = Buffer.from('not an event\u0007');
  let ofOrder = '';
  let ofView = '';
  let ofShipping = '';

  beforeAll(async () => {
    await publish('payments.events', key, bytes, headersOf('PaymentCompleted'));
    const all = await listed(3, key);
    all.sort((a, b) => a.group.localeCompare(b.group));
    [ofOrder = '', ofView = '', ofShipping = ''] = all.map(nameOf);
  });

  it('is listed for each group that could not, and found by whatever is known of it', async () => {
    const rows = await listed(3, key, '--topic', 'payments.events', '--code', 'UNDECODABLE');
    expect(sorted(rows.map(({ group, attempts, state }) => `${group} ${attempts} ${state}`))).toEqual([
      'order 1 open',
      'order-view 1 open',
      'shipping 1 open',
    ]);
    expect(await listed(1, key, '--group', 'order')).toHaveLength(1);
    expect(await dlqJson('list', '--text', 'NOT an event', '--key', key)).toHaveLength(3);
    expect(await dlqJson('list', '--key', key, '--to', '1h')).toEqual([]);
    expect(await dlqJson('list', '--key', key, '--from', '1h')).toHaveLength(3);
    const { stdout } = await dlq('list', '--key', key);
    expect(stdout).toContain(`${ofOrder}  `);
    expect(stdout).toContain('3 open dead letters');
    expect(stdout).not.toContain('\u001b');
  });

  it('is shown in hex, with its headers and its trace', async () => {
    const { stdout, code } = await dlq('show', ofOrder);
    expect(code).toBe(0);
    expect(stdout).toContain('6e 6f 74 20 61 6e 20 65 76 65 6e 74 07');
    expect(stdout).toContain('not an event.');
    expect(stdout).toContain('UNDECODABLE');
    expect(stdout).toMatch(/ce_type +PaymentCompleted/);
    expect(stdout).toContain('0af7651916cd43dd8448eb211c80319c');
  });

  it('still fails, says a try; and a redrive that is not meant changes nothing', async () => {
    const tried = await dlq('try', ofOrder);
    expect([tried.code, tried.stdout]).toEqual([1, expect.stringContaining('fails: UNDECODABLE')]);
    const dry = await dlq('redrive', ofOrder);
    expect(dry.stdout).toContain('Nothing was changed');
    expect(await listed(3, key)).toMatchObject([{ attempts: 1 }, { attempts: 1 }, { attempts: 1 }]);
  });

  it('fails again when it is redriven, and is counted', async () => {
    const { code, stdout } = await dlq('redrive', ofOrder, ...because);
    expect([code, stdout]).toEqual([1, expect.stringContaining('fails: UNDECODABLE')]);
    await eventually(async () => (await listed(1, key, '--group', 'order'))[0]?.attempts === 2);
  });

  it('is given up for the group that is named, and for no other', async () => {
    expect((await dlq('discard', ofOrder)).stdout).toContain('Nothing was changed');
    expect(await dlq('discard', ofOrder, ...because)).toMatchObject({ code: 0 });
    expect(sorted((await listed(2, key)).map(nameOf))).toEqual([ofView, ofShipping]);
    expect(await listed(1, key, '--state', 'discarded')).toMatchObject([{ group: 'order' }]);
    const again = await dlq('discard', ofOrder, ...because);
    expect([again.code, again.stdout]).toEqual([1, expect.stringContaining('redriven or discarded before')]);
    await dlq('discard', ofView, ofShipping, ...because);
  });

  it('is in the audit log with all that was done to it: who, when, what, why', async () => {
    const entries = await dlqJson<Record<string, unknown>>('log', '--group', 'order');
    const own = entries.filter((entry) => entry['key'] === key);
    expect(own).toMatchObject([
      { action: 'discard', by: 'ada', reason: 'a test' },
      { action: 'redrive', by: 'ada', reason: 'a test', result: expect.stringContaining('UNDECODABLE') },
    ]);
  });
});

describe('A value that is wrong', () => {
  const sku = `SKU-${randomUUID().slice(0, 8)}`;
  const product = { sku, name: 'Mead', unitPrice: { amount: 500, currency: 'USD' }, listedAt: 1 };
  let name = '';

  beforeAll(async () => {
    const { body } = await send<{ id: number }>(
      `${addresses.registry}/subjects/${subjectOf('ProductListed')}`,
      { method: 'POST', body: { schema: JSON.stringify(schemaOf('ProductListed')) } },
    );
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(body.id, 1);
    const value = Buffer.concat([prefix, typeFor(schemaOf('ProductListed')).toBuffer(product)]);
    await publish('inventory.products', sku, value, headersOf('ProductListed'));
    name = await only(sku);
  });

  const edit = (data: unknown) => dlq('edit', name, '--data', JSON.stringify(data), '--reason', 'in euro');

  it('is shown decoded', async () => {
    const { stdout } = await dlq('show', name);
    expect(stdout).toContain('"currency": "USD"');
    expect(stdout).toContain('WRONG_CURRENCY');
  });

  it('can be replaced by what fits its schema alone: the field that does not is named', async () => {
    const { code, stderr } = await edit({ ...product, unitPrice: { amount: 'five', currency: 'EUR' } });
    expect([code, stderr]).toEqual([1, expect.stringContaining('#/data/unitPrice/amount')]);
    expect((await dlq('edit', name, '--data', '{', '--reason', 'r')).code).toBe(1);
    expect((await dlq('edit', name, '--data', '{}')).code).toBe(2);
  });

  it('is edited in the editor; what was left as it was is no edit', async () => {
    const left = await dlqIn({ EDITOR: 'true' }, 'edit', name, '--reason', 'in euro');
    expect([left.code, left.stderr]).toEqual([0, expect.stringContaining('Nothing was changed')]);
    const broken = await dlqIn({ EDITOR: 'false' }, 'edit', name, '--reason', 'in euro');
    expect(broken.code).toBe(1);
    const edited = await dlqIn({ EDITOR: 'sed -i s/Mead/Ale/' }, 'edit', name, '--reason', 'no mead');
    expect(edited).toMatchObject({ code: 0, stderr: '' });
  });

  it('is taken in once it is right', async () => {
    expect(await edit({ ...product, unitPrice: { amount: 500, currency: 'EUR' } })).toMatchObject({
      code: 0,
    });
    await eventually(async () => (await listed(1, sku))[0]?.edited);
    expect((await dlq('show', name)).stdout).toContain('value as it came');
    const tried = await dlq('try', name);
    expect([tried.code, tried.stdout]).toEqual([0, expect.stringMatching(/applies|remembered/)]);
    const redriven = await dlq('redrive', name, ...because);
    expect([redriven.code, redriven.stderr]).toEqual([0, '']);
    await listed(0, sku);
    const { status } = await shop.post(createOrderRequest({ items: [{ sku, quantity: 1 }] }), {
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    });
    expect(status).toBe(202);
  });
});

describe('An order whose address a service could not save', () => {
  const postalCode = '98765';
  const orders: PlacedOrder[] = [];
  const place = async () => {
    const { shippingAddress } = createOrderRequest({});
    const order = await shop.placeOrder({ shippingAddress: { ...shippingAddress, postalCode } });
    orders.push(order);
    await eventually(async () => (await moneyKept(order.orderId)) > 0, { what: 'it is paid' });
    return { ...order, name: await only(order.orderId) };
  };
  const forbid = () =>
    databases.query(
      'shipping',
      `ALTER TABLE contacts ADD CONSTRAINT e2e CHECK (postal_code <> '${postalCode}') NOT VALID`,
    );
  const allow = () => databases.query('shipping', 'ALTER TABLE contacts DROP CONSTRAINT IF EXISTS e2e');
  afterAll(allow);

  it('goes on where it stood once that is repaired: it is charged once, and mailed as ever', async () => {
    await forbid();
    const { orderId, name, ...order } = await place();
    expect((await dlq('try', name)).code).toBe(1);
    const { charges } = await world();
    await allow();
    const tried = await dlq('try', name);
    expect([tried.code, tried.stdout]).toEqual([0, expect.stringMatching(/applies .*the effect/)]);
    expect(await shop.getOrder(orderId)).toMatchObject({ status: 'PENDING' });

    expect(await dlq('redrive', name, ...because)).toMatchObject({ code: 0 });
    expect(await shop.waitForEnd(orderId)).toMatchObject({ status: 'CONFIRMED' });
    await expectInvariants([orderId]);
    expect(await shop.listCharges()).toEqual(charges);
    await expectMails({ orderId, ...order }, 'CONFIRMED');
  });

  it('that is redriven twice is charged and mailed no second time', async () => {
    const [{ orderId } = { orderId: '' }] = orders;
    const before = await world();
    const name = await only(orderId, '--state', 'redriven');
    const { code, stdout } = await dlq('redrive', name, ...because);
    expect([code, stdout]).toEqual([1, expect.stringContaining('redriven or discarded before')]);
    await expectInvariants([orderId]);
    expect(await world()).toEqual(before);
  });

  it('and that has been cancelled meanwhile gets what the rules say of it: the verdict says so first', async () => {
    await forbid();
    const { orderId, name, ...order } = await place();
    await allow();
    await shop.cancelOrder(orderId);
    await waitForRest(addresses, [orderId]);
    expect(await moneyKept(orderId)).toBe(0);
    const before = await world();

    const tried = await dlq('try', name);
    expect([tried.code, tried.stdout]).toEqual([
      0,
      expect.stringContaining('ignored: cancelled before it was booked'),
    ]);
    const redriven = await dlq('redrive', name, ...because);
    expect([redriven.code, redriven.stdout]).toEqual([0, expect.stringContaining('ignored')]);
    await listed(0, orderId);
    await expectInvariants([orderId]);
    expect(await world()).toEqual(before);
    expect(await shop.getOrder(orderId)).toMatchObject({ status: 'CANCELLED' });
    await expectMails({ orderId, ...order }, 'CANCELLED');
  });
});

describe('The command line', () => {
  it.each([
    [[], 2],
    [['eat'], 2],
    [['redrive'], 2],
    [['redrive', '--all', '--yes'], 2],
    [['show', 'order/nothing'], 2],
    [['show', 'order/orders.events/0/99999999'], 1],
    [['list', '--topic', 'no.topic'], 1],
    [['list', '--help'], 0],
  ] as const)('ends %j with %i', async (args, code) => {
    expect((await dlq(...args)).code).toBe(code);
  });

  it('says what to do when nobody answers, and when the token is wrong', async () => {
    const nobody = await dlq('list', '--url', 'http://127.0.0.1:9');
    expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining('no answer from dead-letters')]);
    const stranger = await dlq('list', '--token', 'not-the-right-token');
    expect([stranger.code, stranger.stderr]).toEqual([1, expect.stringContaining('token is wrong')]);
  });
});
