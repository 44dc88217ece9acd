import { type EventName, type Events, schemaOf, topicOf, typeFor } from '@skald/contracts';
import { pino } from 'pino';
import { uuidv7 } from 'uuidv7';
import type { ConsumedRecord } from '../src/log-client.ts';
import { idOf } from './fake-registry.ts';

export const logger = pino({ level: process.env['LOG_LEVEL'] ?? 'silent' });

export const createdAt = Date.UTC(2026, 0, 31);

export function orderCreated(overrides: Partial<Events['OrderCreated']> = {}): Events['OrderCreated'] {
  const unitPrice = { amount: 1_999, currency: 'EUR' };
  return {
    orderId: uuidv7(),
    customerId: 'customer-1',
    lines: [{ sku: 'SKU-0001', name: 'Mead', quantity: 1, unitPrice }],
    total: unitPrice,
    paymentMethod: 'tok_visa',
    createdAt,
    ...overrides,
  };
}

/** A value in the Confluent wire format. */
export function wire(id: number, body: Buffer): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(id, 1);
  return Buffer.concat([prefix, body]);
}

export const encode = <Name extends EventName>(name: Name, data: Events[Name]): Buffer =>
  wire(idOf(name), typeFor(schemaOf(name)).toBuffer(data));

let offset = 0;

/** A record as the kernel of another service writes it; `overrides` make it a bad one. */
export function record<Name extends EventName>(
  name: Name,
  data: Events[Name],
  sequence: number,
  overrides: Partial<ConsumedRecord> = {},
): ConsumedRecord {
  offset += 1;
  return {
    topic: topicOf(name),
    partition: 0,
    offset,
    timestamp: createdAt,
    key: Buffer.from('orderId' in data ? data.orderId : data.sku),
    value: encode(name, data),
    headers: headers(name, sequence),
    ...overrides,
  };
}

export function headers(name: EventName, sequence: number): Record<string, Buffer> {
  const texts = {
    ce_specversion: '1.0',
    ce_id: uuidv7(),
    ce_type: name,
    ce_source: '/skald/test',
    ce_time: new Date(createdAt).toISOString(),
    ce_sequence: String(sequence),
    ce_correlationid: 'correlation-1',
    'content-type': 'application/avro',
  };
  return Object.fromEntries(Object.entries(texts).map(([header, text]) => [header, Buffer.from(text)]));
}
