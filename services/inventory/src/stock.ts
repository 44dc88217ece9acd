/** Units of one product. On hand + reserved + shipped = received, at all times; none is ever negative. */
export interface Stock {
  readonly sku: string;
  /** Can still be reserved. */
  readonly onHand: number;
  /** Promised to orders that are not confirmed yet. */
  readonly reserved: number;
  /** Left the house. */
  readonly shipped: number;
  /** What came in, less what was written off. */
  readonly received: number;
}

type Place = 'onHand' | 'reserved' | 'shipped';

/** Stock as it arrives: all on hand. */
export const delivered = (sku: string, units: number): Stock => ({
  sku,
  onHand: units,
  reserved: 0,
  shipped: 0,
  received: units,
});

export const setAside = (stock: Stock, units: number): Stock => move(stock, units, 'onHand', 'reserved');
export const putBack = (stock: Stock, units: number): Stock => move(stock, units, 'reserved', 'onHand');
export const handOver = (stock: Stock, units: number): Stock => move(stock, units, 'reserved', 'shipped');

/** A stock count: what is on hand becomes `onHand`; the difference came in, or was written off. */
export const count = (stock: Stock, onHand: number): Stock => ({
  ...stock,
  onHand,
  received: stock.received + onHand - stock.onHand,
});

/** Throws RangeError rather than let a count become negative: the rules ask before they move. */
function move(stock: Stock, units: number, from: Place, to: Place): Stock {
  if (stock[from] < units) {
    throw new RangeError(`${stock.sku}: ${units} units can't move from ${from}, which holds ${stock[from]}`);
  }
  return { ...stock, [from]: stock[from] - units, [to]: stock[to] + units };
}
