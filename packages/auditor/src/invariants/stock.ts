import { unitsOf } from '../evidence/facts.ts';
import { type Check, createFinding, sum } from './violation.ts';

/**
 * 4. Per SKU: on hand + reserved + shipped = what came in; never negative; and just what the reservations hold. In one
 * database: at all times.
 */
export const stockAddsUp: Check = ({ evidence: { business } }) => {
  const finding = createFinding(4);
  const held = { reserved: new Map<string, number>(), shipped: new Map<string, number>() };
  for (const { state, lines } of business.reservations.values()) {
    if (state !== 'reserved' && state !== 'shipped') continue;
    for (const [sku, quantity] of unitsOf(lines))
      held[state].set(sku, (held[state].get(sku) ?? 0) + quantity);
  }
  for (const [sku, row] of business.stock) {
    finding.look();
    const { onHand, reserved, shipped, received } = row;
    const blame = (says: string) => finding.blame(sku, says, 'wrong', row);
    if (onHand + reserved + shipped !== received) blame('on hand + reserved + shipped is not what came in');
    if (Math.min(onHand, reserved, shipped) < 0) blame('a count is negative');
    for (const [state, count] of [
      ['reserved', reserved],
      ['shipped', shipped],
    ] as const) {
      const byOrders = held[state].get(sku) ?? 0;
      if (byOrders !== count) blame(`${count} are ${state}, by the reservations of orders ${byOrders}`);
    }
  }
  return finding.done();
};

/** What the events say of a reservation that stands so. */
const wanted: Readonly<Record<string, { reserved: boolean; back: boolean; gone: boolean }>> = {
  none: { reserved: false, back: false, gone: false },
  refused: { reserved: false, back: false, gone: false },
  cancelled: { reserved: false, back: false, gone: false },
  reserved: { reserved: true, back: false, gone: false },
  released: { reserved: true, back: true, gone: false },
  shipped: { reserved: true, back: false, gone: true },
};

/** 7. No reservation outlives a cancellation; and one that nobody cancelled is shipped. Once nothing moves. */
export const reservationsEndWithTheirOrder: Check = (it) => {
  const finding = createFinding(7);
  for (const [id, { status, reason }] of it.settled) {
    if (status === 'PENDING') continue;
    finding.look();
    const blame = (says: string, kind?: 'lost') => finding.blame(id, says, kind);
    const reserved = it.told(id, 'StockReserved');
    const back = it.told(id, 'StockReservationCancelled');
    const gone = it.told(id, 'StockShipped');
    const units = (events: typeof reserved) =>
      sum(events, ({ fact = '' }) => sum(unitsOf(fact), ([, quantity]) => quantity));
    if (status === 'CANCELLED' && units(reserved) !== units(back))
      blame('was cancelled, not all came back', 'lost');
    if (status === 'CANCELLED' && gone.length > 0) blame('was cancelled, and shipped');
    if (status === 'CONFIRMED' && units(reserved) !== units(gone))
      blame('was confirmed, not all shipped', 'lost');
    if (reason === 'OUT_OF_STOCK' && reserved.length > 0) blame('is out of stock, and reserved');
    const row = it.evidence.business.reservations.get(id);
    const state = row?.state ?? 'none';
    if (state === 'reserved') blame('has ended, its reservation has not');
    const is = { reserved: reserved.length > 0, back: back.length > 0, gone: gone.length > 0 };
    if (JSON.stringify(wanted[state]) !== JSON.stringify(is))
      blame(`its reservation is ${state}; its events say ${JSON.stringify(is)}`);
    const told = reserved[0]?.fact;
    if (row && told !== undefined && row.lines !== told) blame(`reserved ${told}, and holds ${row.lines}`);
  }
  return finding.done();
};
