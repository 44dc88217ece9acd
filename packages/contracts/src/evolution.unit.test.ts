import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createTypes, typeFor } from './avro-types.ts';
import { RELEASED } from './compatibility/current.ts';
import { readReleased } from './compatibility/released.ts';
import type { ShipmentScheduled } from './generated/shipping.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const [first, second] = (
  readReleased(join(root, RELEASED)).get('skald.shipping.ShipmentScheduled') ?? []
).map(typeFor);
if (first === undefined || second === undefined) throw new Error('ShipmentScheduled has been released twice');

const { serviceLevel, ...former } = {
  orderId: '0193e5a0-7c1d-7b3a-9c7e-000000000001',
  shipmentId: '0193e5a0-7c1d-7b3a-9c7e-000000000002',
  carrier: 'Postbudet',
  trackingNumber: 'PB1',
  promisedDate: '2026-01-31',
  scheduledAt: 1_767_225_600_000,
  serviceLevel: 'express',
} satisfies ShipmentScheduled;

describe('ShipmentScheduled, whose version 2 adds an optional serviceLevel', () => {
  it('is read by services of today when it was written long ago', () => {
    const bytes = first.toBuffer(former);
    const read: unknown = second.fromBuffer(bytes, second.createResolver(first));
    expect(read).toEqual({ ...former, serviceLevel: null });
  });

  it('is read by services that were not deployed again yet', () => {
    const bytes = second.toBuffer({ ...former, serviceLevel });
    const read: unknown = first.fromBuffer(bytes, first.createResolver(second));
    expect(read).toEqual(former);
  });

  it('is read by its own version as it was written', () => {
    expect(second.fromBuffer(second.toBuffer({ ...former, serviceLevel }))).toEqual({
      ...former,
      serviceLevel,
    });
  });

  it('is not read without resolving: the bytes differ', () => {
    expect(() => second.fromBuffer(first.toBuffer(former)) as unknown).toThrow();
  });

  it('is version 2 today', () => {
    const today = createTypes().ShipmentScheduled;
    expect(today.fingerprint()).toEqual(second.fingerprint());
    expect(today.fingerprint()).not.toEqual(first.fingerprint());
  });
});
