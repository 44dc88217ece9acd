import { describe, expect, it } from 'vitest';
import { type Ended, Ledger } from './ledger.ts';

function ledger() {
  const ended: Ended[] = [];
  return { ended, ledger: new Ledger((order) => ended.push(order)) };
}

const order = { orderId: 'a', intendedAt: 100, index: 0 };
const confirmation = { orderId: 'a', eventId: 'e1', appendedAt: 108 };

describe('the ledger of accepted orders', () => {
  it('ends an order that is accepted, then confirmed', () => {
    const { ended, ledger: book } = ledger();
    book.accept(order);
    expect(book.open).toBe(1);
    book.confirm(confirmation, 110);
    expect(ended).toEqual([{ ...order, appendedAt: 108, seenAt: 110 }]);
    expect(book.open).toBe(0);
  });

  it('ends an order whose confirmation overtook its answer', () => {
    const { ended, ledger: book } = ledger();
    book.confirm(confirmation, 110);
    expect(book.audit().unclaimed).toBe(1);
    book.accept(order);
    expect(ended).toEqual([{ ...order, appendedAt: 108, seenAt: 110 }]);
    expect(book.audit()).toMatchObject({ accepted: 1, confirmed: 1, lost: 0, unclaimed: 0 });
  });

  it('tells a redelivered event from a second confirmation', () => {
    const { ended, ledger: book } = ledger();
    book.accept(order);
    book.confirm(confirmation, 110);
    book.confirm(confirmation, 111);
    book.confirm({ ...confirmation, eventId: 'e2' }, 112);
    expect(ended).toHaveLength(1);
    expect(book.audit()).toMatchObject({ redelivered: 1, confirmedTwice: 1 });
  });

  it('counts what was accepted and never confirmed', () => {
    const { ledger: book } = ledger();
    book.accept(order);
    expect(book.audit()).toMatchObject({ accepted: 1, confirmed: 0, lost: 1 });
  });
});
