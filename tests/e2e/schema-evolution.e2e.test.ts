import { randomUUID } from 'node:crypto';
import { type RecordSchema, schemaOf, subjectOf, typeFor } from '@skald/contracts';
import { ask, eventually, send } from '@skald/testkit';
import { Kafka, logLevel } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { addresses, foreignSource, shop } from './system.ts';

const register = (subject: string, schema: unknown) =>
  send<{ id: number; error_code?: number }>(`${addresses.registry}/subjects/${subject}/versions`, {
    method: 'POST',
    body: { schema: JSON.stringify(schema) },
  });
const versionsOf = (subject: string) => ask<number[]>(`${addresses.registry}/subjects/${subject}/versions`);

const withField = (schema: RecordSchema, field: object) => ({ ...schema, fields: [...schema.fields, field] });
const retyped = (schema: RecordSchema, name: string, type: unknown) => ({
  ...schema,
  fields: schema.fields.map((field) => (field.name === name ? { ...field, type } : field)),
});

describe('The registry', () => {
  it.each([
    [
      'a new field without a default',
      withField(schemaOf('OrderCreated'), { name: 'colour', type: 'string' }),
    ],
    ['a field of another type', retyped(schemaOf('OrderCreated'), 'customerId', 'long')],
    ['a field that says less than before', retyped(schemaOf('OrderCreated'), 'createdAt', 'int')],
  ])('refuses %s before the first record is written', async (_what, schema) => {
    const subject = subjectOf('OrderCreated');
    const before = await versionsOf(subject);
    const answer = await register(subject, schema);
    expect(answer.status).toBe(409);
    expect(await versionsOf(subject)).toEqual(before);
  });

  it('refuses what the newest version could read, and an older one could not', async () => {
    const subject = `skald.test.Evolving${randomUUID().replaceAll('-', '')}`;
    const [namespace, name] = [subject.slice(0, subject.lastIndexOf('.')), subject.split('.').at(-1)];
    const version = (...fields: object[]) => ({ type: 'record', name, namespace, fields });
    await ask(`${addresses.registry}/config/${subject}`, {
      method: 'PUT',
      body: { compatibility: 'BACKWARD_TRANSITIVE' },
    });
    const first = version({ name: 'id', type: 'string' });
    const second = version({ name: 'id', type: 'string' }, { name: 'note', type: 'string', default: '' });
    const third = version({ name: 'id', type: 'string' }, { name: 'note', type: 'string' });
    expect((await register(subject, first)).status).toBe(200);
    expect((await register(subject, second)).status).toBe(200);
    expect((await register(subject, third)).status).toBe(409);
  });
});

describe('A service that knows an older version', () => {
  it('reads an event of a newer one, with a field that it has never heard of', async () => {
    const newer = withField(schemaOf('ProductListed'), {
      name: 'campaign',
      type: ['null', 'string'],
      default: null,
      doc: 'What the product is advertised with.',
    });
    const { status, body } = await register(subjectOf('ProductListed'), newer);
    expect(status).toBe(200);

    const sku = `SKU-${randomUUID()}`;
    const unitPrice = { amount: 4_711, currency: 'EUR' };
    const listed = { sku, name: 'Drinking Horn', unitPrice, listedAt: Date.now(), campaign: 'Yule' };
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(body.id, 1);
    await publish(sku, Buffer.concat([prefix, typeFor(newer as RecordSchema).toBuffer(listed)]));

    const { orderId } = await eventually(() => shop.placeOrder({ items: [{ sku, quantity: 2 }] }), {
      what: 'the product is in the catalogue',
    });
    const order = await shop.getOrder(orderId);
    expect(order.items).toEqual([{ sku, name: 'Drinking Horn', quantity: 2, unitPrice: 4_711 }]);
    expect(order.totalAmount).toBe(9_422);
    // The warehouse has never heard of it.
    expect(await shop.waitForEnd(orderId)).toMatchObject({ status: 'CANCELLED', reason: 'OUT_OF_STOCK' });
  });
});

async function publish(key: string, value: Buffer): Promise<void> {
  const kafka = new Kafka({
    clientId: foreignSource,
    brokers: [...addresses.kafka.brokers],
    logLevel: logLevel.NOTHING,
  });
  const producer = kafka.producer();
  await producer.connect();
  const headers = {
    ce_specversion: '1.0',
    ce_id: randomUUID(),
    ce_type: 'ProductListed',
    ce_source: foreignSource,
    ce_time: new Date().toISOString(),
    ce_sequence: '1',
  };
  await producer.send({ topic: 'inventory.products', messages: [{ key, value, headers }] });
  await producer.disconnect();
}
