import type { OrderReadModel } from '@skald/contracts';
import type { Change } from '@skald/order-view/stores';

/** What 100,000 orders of a shop look like. All of it follows from an order's number. */
export const SKUS = 1_000;
export const CUSTOMERS = 5_000;
/** One in so many is on its way; the others have ended. */
const OPEN_EVERY = 50;
const FIRST_AT = Date.UTC(2026, 0, 1);
/** Between two orders, ms: 100,000 are a month. */
const EVERY_MS = 26_000;

const materials = ['Oak', 'Slate', 'Copper', 'Linen', 'Birch', 'Glass', 'Brass', 'Wool', 'Clay', 'Cork'];
const things = ['Lamp', 'Clock', 'Bench', 'Vase', 'Mirror', 'Shelf', 'Coaster', 'Trivet', 'Stool', 'Rug'];
const sizes = ['Small', 'Large', 'Tall', 'Round', 'Folding', 'Double', 'Plain', 'Carved', 'Painted', 'Rare'];

/** Without a pattern that an index could gain from: a multiplicative hash, 0 to below `below`. */
const scatter = (number: number, salt: number, below: number): number =>
  (Math.imul(number * 31 + salt, 2_654_435_761) >>> 8) % below;

export const placedAt = (number: number): number => FIRST_AT + number * EVERY_MS;
export const skuOf = (number: number): string => `SKU-${String(number).padStart(4, '0')}`;
export const customerOf = (number: number): string => `customer-${number}`;
export const wordsOf = (sku: number): string =>
  [sizes[sku % 10], materials[Math.floor(sku / 10) % 10], things[Math.floor(sku / 100) % 10]].join(' ');

/** A UUIDv7 of its time, the same at each run. */
export function orderIdOf(number: number): string {
  const time = placedAt(number).toString(16).padStart(12, '0');
  const tail = `${scatter(number, 7, 2 ** 24)
    .toString(16)
    .padStart(6, '0')}${number.toString(16).padStart(6, '0')}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-7abc-8def-${tail}`;
}

const way = [
  ['order', 'place', 'OrderCreated'],
  ['inventory', 'reserve', 'StockReserved'],
  ['payment', 'charge', 'PaymentCompleted'],
  ['shipping', 'book', 'ShipmentScheduled'],
  ['order', 'confirm', 'OrderConfirmed'],
  ['inventory', 'ship', 'StockShipped'],
  ['shipping', 'dispatch', 'ShipmentDispatched'],
] as const;

export function modelOf(number: number): OrderReadModel {
  const at = placedAt(number);
  const isOpen = number % OPEN_EVERY === 0;
  const status = isOpen ? 'PENDING' : scatter(number, 1, 10) === 0 ? 'CANCELLED' : 'CONFIRMED';
  const lines = Array.from({ length: 1 + scatter(number, 2, 3) }, (_, line) => {
    const sku = scatter(number, 10 + line, SKUS);
    return {
      sku: skuOf(sku),
      name: wordsOf(sku),
      quantity: 1 + scatter(number, 20 + line, 2),
      unitPrice: { amount: 500 + 17 * sku, currency: 'EUR' },
      reservation: 'waiting' as const,
      available: null,
    };
  });
  const taken = isOpen ? way.slice(0, 2) : way;
  return {
    orderId: orderIdOf(number),
    version: taken.length,
    status,
    reason: status === 'CANCELLED' ? 'CANCELLED_BY_CUSTOMER' : null,
    customerId: customerOf(scatter(number, 3, CUSTOMERS)),
    lines,
    total: {
      amount: lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice.amount, 0),
      currency: 'EUR',
    },
    placedAt: at,
    updatedAt: at + 900,
    payment: null,
    shipment: null,
    mails: [],
    steps: taken.map(([service, verb, event], index) => ({
      service,
      verb,
      event,
      at: at + 100 * index,
      durationMs: index === 0 ? null : 100,
      sequence: index + 1,
      partition: number % 6,
      offset: number,
    })),
    remaining: isOpen ? way.slice(2).map(([service, verb]) => ({ service, verb })) : [],
    waitsFor: isOpen ? { service: 'payment', verb: 'charge' } : null,
  };
}

/** As they lie in a topic of so many partitions: those of one partition, consecutive, `batch` at a time. */
export function* batchesOf(orders: number, partitions: number, batch: number): Generator<readonly Change[]> {
  for (let from = 0; from < orders; from += batch * partitions)
    for (let partition = 0; partition < partitions; partition += 1) {
      const changes: Change[] = [];
      for (
        let number = from + partition;
        number < Math.min(orders, from + batch * partitions);
        number += partitions
      )
        changes.push({ partition, offset: Math.floor(number / partitions), model: modelOf(number) });
      if (changes.length > 0) yield changes;
    }
}
