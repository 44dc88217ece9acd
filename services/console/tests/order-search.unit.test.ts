import { describe, expect, it } from 'vitest';
import { everyOrder, isFound, queryOf, unheldByOrder } from '../page/order-search.ts';

describe('a search for orders', () => {
  it('asks for what was filled in, in the units of order-view', () => {
    const query = queryOf({
      ...everyOrder,
      text: ' lamp ',
      minAmount: '12.5',
      maxAmount: '19.99',
      sku: 'SKU-1',
    });
    expect(Object.fromEntries(query)).toEqual({
      text: 'lamp',
      sku: 'SKU-1',
      minAmount: '1250',
      maxAmount: '1999',
    });
    expect([...queryOf(everyOrder)]).toEqual([]);
  });

  it('takes whole days of the reader’s own time', () => {
    const query = queryOf({ ...everyOrder, from: '2026-03-01', to: '2026-03-01' });
    const [from, to] = [query.get('from') ?? '', query.get('to') ?? ''].map((at) => new Date(at));
    expect([from?.getDate(), from?.getHours(), to?.getDate(), to?.getHours()]).toEqual([1, 0, 2, 0]);
  });

  it('goes through the order service’s list without what only order-view knows, and names it', () => {
    const order = { orderId: '01a1', customerId: 'ada', reason: 'OUT_OF_STOCK' };
    expect(isFound({ ...everyOrder, text: 'stock' }, order)).toBe(true);
    expect(isFound({ ...everyOrder, text: 'stock', customerId: 'bob' }, order)).toBe(false);
    expect(unheldByOrder({ ...everyOrder, text: 'x', sku: 'SKU-1', to: '2026-01-01' })).toEqual([
      'sku',
      'to',
    ]);
  });
});
