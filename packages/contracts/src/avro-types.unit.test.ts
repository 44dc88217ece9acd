import { describe, expect, it } from 'vitest';
import { ContractError, createTypes, MAX_MINOR_UNITS, typeFor } from './avro-types.ts';
import { type EventName, type Events, eventNames } from './generated/events.ts';

const orderId = '0193e5a0-7c1d-7b3a-9c7e-000000000001';
const anotherId = '0193e5a0-7c1d-7b3a-9c7e-000000000002';
const at = 1_767_225_600_000;
const amount = { amount: 4_200, currency: 'EUR' };
const lines = [{ sku: 'SKU-0001', quantity: 2 }];
const priced = [{ sku: 'SKU-0001', name: 'Mug', quantity: 2, unitPrice: { amount: 2_100, currency: 'EUR' } }];

const samples: Events = {
  OrderCreated: {
    orderId,
    customerId: 'c-1',
    lines: priced,
    total: amount,
    paymentMethod: 'tok_visa',
    createdAt: at,
  },
  OrderConfirmed: { orderId, shipmentId: anotherId, confirmedAt: at },
  OrderCancelled: { orderId, reason: 'OUT_OF_STOCK', cancelledAt: at },
  OrderContact: {
    orderId,
    name: 'Åsa Öst',
    street: 'Storgatan 1',
    postalCode: '111 22',
    city: 'Stockholm',
    country: 'SE',
    email: 'asa@example.com',
  },
  EmailNotification: {
    notificationId: anotherId,
    orderId,
    template: 'order-confirmation',
    email: 'asa@example.com',
    name: 'Åsa Öst',
    lines: priced,
    total: amount,
    reason: null,
    carrier: null,
    trackingNumber: null,
    promisedDate: null,
  },
  OrderReadModel: {
    orderId,
    version: 4,
    status: 'CANCELLED',
    reason: 'PAYMENT_DECLINED',
    customerId: 'c-1',
    lines: priced.map((line) => ({ ...line, reservation: 'released', available: null })),
    total: amount,
    placedAt: at,
    updatedAt: at,
    payment: { state: 'failed', amount: null, refunded: null, declineReason: 'card_declined' },
    shipment: null,
    mails: [{ template: 'order-cancelled', state: 'unknown', at, cause: 'timeout' }],
    steps: [
      {
        service: 'order',
        verb: 'place',
        event: 'OrderCreated',
        at,
        durationMs: null,
        sequence: 1,
        partition: 3,
        offset: 7,
      },
    ],
    remaining: [{ service: 'inventory', verb: 'release' }],
    waitsFor: { service: 'inventory', verb: 'release' },
  },
  StockReserved: { orderId, lines, reservedAt: at },
  StockReservationFailed: {
    orderId,
    shortages: [{ sku: 'SKU-1000', requested: 1, available: 0 }],
    failedAt: at,
  },
  StockReservationCancelled: { orderId, lines, cancelledAt: at },
  StockShipped: { orderId, lines, shippedAt: at },
  ProductListed: { sku: 'SKU-0001', name: 'Mug', unitPrice: amount, listedAt: at },
  PaymentCompleted: { orderId, paymentId: anotherId, chargeId: 'ch_1', amount, completedAt: at },
  PaymentFailed: { orderId, paymentId: anotherId, code: 'card_declined', failedAt: at },
  PaymentRefunded: {
    orderId,
    paymentId: anotherId,
    chargeId: 'ch_1',
    refundId: 're_1',
    amount,
    refundedAt: at,
  },
  ShipmentScheduled: {
    orderId,
    shipmentId: anotherId,
    carrier: 'Postbudet',
    trackingNumber: 'PB1',
    promisedDate: '2026-01-31',
    scheduledAt: at,
    serviceLevel: 'express',
  },
  ShipmentFailed: { orderId, code: 'ADDRESS_UNSERVICEABLE', failedAt: at },
  ShipmentDispatched: { orderId, shipmentId: anotherId, trackingNumber: 'PB1', dispatchedAt: at },
  ShipmentCancelled: { orderId, shipmentId: anotherId, cancelledAt: at },
  MailSent: { orderId, notificationId: anotherId, template: 'order-cancelled', sentAt: at },
  MailUnknown: { orderId, notificationId: anotherId, template: 'order-cancelled', cause: 'timeout', at },
};

const types = createTypes();

/** Encodes what TypeScript would not let pass. */
function encode(event: EventName, change: Record<string, unknown>): Buffer {
  return types[event].toBuffer({ ...samples[event], ...change });
}

describe('the types of the events', () => {
  it.each(eventNames)('read %s as it was written', (event) => {
    const { ...read } = types[event].fromBuffer(types[event].toBuffer(samples[event])) as object;
    expect(JSON.parse(JSON.stringify(read))).toEqual(samples[event]);
  });

  it('fill an optional field that is left out', () => {
    const bytes = encode('ShipmentScheduled', { serviceLevel: undefined });
    expect(types.ShipmentScheduled.fromBuffer(bytes)).toMatchObject({ serviceLevel: null });
  });

  it.each([
    ['an id that is a number', 'OrderConfirmed', { orderId: 7 }],
    ['half a piece', 'StockReserved', { lines: [{ sku: 'SKU-0001', quantity: 0.5 }] }],
    ['a field too few', 'OrderConfirmed', { shipmentId: undefined }],
    ['a time as a Date', 'OrderConfirmed', { confirmedAt: new Date(at) }],
    ['a reason that nobody knows', 'OrderCancelled', { reason: 'BORED' }],
    ['one in an optional field, too', 'EmailNotification', { reason: 'BORED' }],
  ] as const)('refuse %s', (_, event, change) => {
    expect(() => encode(event, change)).toThrow();
  });
});

describe('money', () => {
  it.each([0, 1, MAX_MINOR_UNITS])('may be %i minor units', (minorUnits) => {
    const unitPrice = { amount: minorUnits, currency: 'EUR' };
    const read: unknown = types.ProductListed.fromBuffer(encode('ProductListed', { unitPrice }));
    expect(read).toMatchObject({ unitPrice });
  });

  it.each([
    -1,
    0.5,
    MAX_MINOR_UNITS + 1,
    Number.MAX_SAFE_INTEGER + 1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '1',
    null,
  ])('is refused on write when it is %s', (minorUnits) => {
    const unitPrice = { amount: minorUnits, currency: 'EUR' };
    expect(() => encode('ProductListed', { unitPrice })).toThrow(ContractError);
  });

  it.each([-1, MAX_MINOR_UNITS + 1])('is refused on read when someone wrote %i', (minorUnits) => {
    const bytes = careless.toBuffer({
      ...samples.ProductListed,
      unitPrice: { amount: minorUnits, currency: 'EUR' },
    });
    expect(() => types.ProductListed.fromBuffer(bytes) as unknown).toThrow(ContractError);
  });

  /** A writer that never heard of the house's logical types. */
  const careless = typeFor({
    type: 'record',
    name: 'ProductListed',
    namespace: 'skald.inventory',
    fields: [
      { name: 'sku', type: 'string' },
      { name: 'name', type: 'string' },
      {
        name: 'unitPrice',
        type: {
          type: 'record',
          name: 'Money',
          fields: [
            { name: 'amount', type: 'long' },
            { name: 'currency', type: 'string' },
          ],
        },
      },
      { name: 'listedAt', type: 'long' },
    ],
  });

  it('is not resolved from a number that promises nothing', () => {
    expect(() => types.ProductListed.createResolver(careless)).toThrow();
  });
});

describe('one of a list', () => {
  const list = (...values: string[]) =>
    typeFor({
      type: 'record',
      name: 'Note',
      fields: [{ name: 'reason', type: { type: 'string', logicalType: 'one-of', values } }],
    });

  it('is a plain string on the wire', () => {
    const plain = typeFor({ type: 'record', name: 'Note', fields: [{ name: 'reason', type: 'string' }] });
    expect(plain.fromBuffer(list('A').toBuffer({ reason: 'A' }))).toEqual({ reason: 'A' });
  });

  it('is read by readers whose list is longer', () => {
    const [reader, writer] = [list('A', 'B'), list('A')];
    const resolver = reader.createResolver(writer);
    expect(reader.fromBuffer(writer.toBuffer({ reason: 'A' }), resolver)).toEqual({ reason: 'A' });
  });

  it('is refused by readers whose list lacks it', () => {
    const [reader, writer] = [list('A'), list('A', 'B')];
    const resolver = reader.createResolver(writer);
    expect(() => reader.fromBuffer(writer.toBuffer({ reason: 'B' }), resolver) as unknown).toThrow(
      ContractError,
    );
  });
});
