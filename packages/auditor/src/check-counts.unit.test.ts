import { schemaOf, typeFor } from '@skald/contracts';
import { describe, expect, it } from 'vitest';
import { checkCounts } from './check-counts.ts';

const type = typeFor(schemaOf('StockReserved'));
const value = type.toBuffer({
  orderId: 'a',
  lines: [
    { sku: 'SKU-0001', quantity: 1 },
    { sku: 'SKU-0002', quantity: 300 },
  ],
  reservedAt: 1_767_225_600_000,
});

describe('Counts', () => {
  it('of an event that was written by its schema are right', () => {
    expect(() => checkCounts(type, value)).not.toThrow();
    const notified = typeFor(schemaOf('OrderCancelled'));
    const cancelled = notified.toBuffer({ orderId: 'a', reason: 'OUT_OF_STOCK', cancelledAt: 1 });
    expect(() => checkCounts(notified, cancelled)).not.toThrow();
  });

  it('that claim more items than there are bytes are refused before anybody believes them', () => {
    const bomb = Buffer.from([2, 0x61, 0xfe, 0xff, 0xff, 0xff, 0x0f]);
    expect(() => checkCounts(type, bomb)).toThrow('an array of 2147483647 in 7 bytes');
  });

  it('of a value that is cut are refused wherever it is cut', () => {
    for (let length = 0; length < value.length; length += 1) {
      expect(() => checkCounts(type, value.subarray(0, length))).toThrow(/ends in the middle|an array of/);
    }
  });
});
