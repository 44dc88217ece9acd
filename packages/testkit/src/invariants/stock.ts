import { type Check, sum, type Violation } from './violation.ts';

interface Units {
  reserved: number;
  shipped: number;
}

/** 4. Per SKU: on hand + reserved + shipped = what came in; never negative; and just what the events say. */
export const stockAddsUp: Check = ({ stock, stored }, story) => {
  const violations: Violation[] = [];
  const told = new Map<string, Units>();
  const move = (sku: string, units: Partial<Units>) => {
    const { reserved, shipped } = told.get(sku) ?? { reserved: 0, shipped: 0 };
    told.set(sku, {
      reserved: reserved + (units.reserved ?? 0),
      shipped: shipped + (units.shipped ?? 0),
    });
  };
  for (const { name, data } of story.events) {
    if (name === 'StockReserved') for (const line of data.lines) move(line.sku, { reserved: line.quantity });
    if (name === 'StockReservationCancelled')
      for (const line of data.lines) move(line.sku, { reserved: -line.quantity });
    if (name === 'StockShipped')
      for (const { sku, quantity } of data.lines) move(sku, { reserved: -quantity, shipped: quantity });
  }
  const shown = new Map(stock.map((row) => [row.sku, row]));
  for (const row of stored.stock) {
    const { sku, onHand, reserved, shipped, received } = row;
    const blame = (says: string) => violations.push({ invariant: 4, subject: sku, says, evidence: row });
    if (onHand + reserved + shipped !== received) blame('on hand + reserved + shipped is not what came in');
    if (Math.min(onHand, reserved, shipped) < 0) blame('a count is negative');
    const units = told.get(sku) ?? { reserved: 0, shipped: 0 };
    if (units.reserved !== reserved || units.shipped !== shipped) {
      blame(`by its events ${units.reserved} are reserved and ${units.shipped} shipped`);
    }
    const view = shown.get(sku);
    if (view?.onHand !== onHand || view.reserved !== reserved || view.shipped !== shipped) {
      blame(`HTTP shows ${JSON.stringify(view)}`);
    }
  }
  return violations;
};

/** 7. No reservation outlives a cancellation; and one that nobody cancelled is shipped. */
export const reservationsEndWithTheirOrder: Check = ({ orders, stored }, story) => {
  const violations: Violation[] = [];
  for (const [subject, { status, reason }] of orders) {
    const blame = (says: string) => violations.push({ invariant: 7, subject, says });
    const reserved = story.of(subject, 'StockReserved');
    const back = story.of(subject, 'StockReservationCancelled');
    const gone = story.of(subject, 'StockShipped');
    const units = (events: readonly { data: { lines: readonly { quantity: number }[] } }[]) =>
      sum(events, ({ data }) => sum(data.lines, ({ quantity }) => quantity));
    if (status === 'CANCELLED' && units(reserved) !== units(back)) blame('was cancelled, not all came back');
    if (status === 'CANCELLED' && gone.length > 0) blame('was cancelled, and shipped');
    if (status === 'CONFIRMED' && units(reserved) !== units(gone)) blame('was confirmed, not all shipped');
    if (reason === 'OUT_OF_STOCK' && reserved.length > 0) blame('is out of stock, and reserved');
  }
  for (const { order_id, state } of stored.reservations) {
    if (state === 'reserved' && orders.get(order_id)?.status !== 'PENDING') {
      violations.push({ invariant: 7, subject: order_id, says: 'has ended, its reservation has not' });
    }
  }
  return violations;
};
