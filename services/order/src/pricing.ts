import type { Events } from '@skald/contracts';

type OrderLine = Events['OrderCreated']['lines'][number];
type Money = Events['OrderCreated']['total'];

/** The one currency that the catalogue is priced in. */
export const currency = 'EUR';

/** What contracts allow an amount of money to be, in minor units: a billion euros. */
export const greatestAmount = 100_000_000_000;

/** A product as we sell it. */
export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly unitPrice: Money;
}

export interface Item {
  readonly sku: string;
  /** Pieces. */
  readonly quantity: number;
}

/** Why an order can't be priced. `pointer`: the JSON Pointer of what is wrong in the request. */
export interface Objection {
  readonly pointer: string;
  readonly detail: string;
}

export type Pricing =
  | { readonly lines: OrderLine[]; readonly total: Money }
  | { readonly objections: readonly Objection[] };

/** Prices are never the client's: each item gets the name and price of our own copy of the catalogue. */
export function price(items: readonly Item[], productOf: (sku: string) => Product | undefined): Pricing {
  const objections: Objection[] = [];
  const lines: OrderLine[] = [];
  const firstIndex = new Map<string, number>();
  let amount = 0;
  items.forEach(({ sku, quantity }, index) => {
    const pointer = `#/items/${index}/sku`;
    const first = firstIndex.get(sku);
    const product = productOf(sku);
    if (first !== undefined) {
      objections.push({
        pointer,
        detail: `${sku} is item ${first} already: one item a SKU, with the sum of the quantities`,
      });
    } else if (!product) {
      objections.push({ pointer, detail: `${sku} is not in the catalogue` });
    } else {
      lines.push({ sku, name: product.name, quantity, unitPrice: product.unitPrice });
      // Exact: the greatest price times 10,000 pieces is below 2^53, and the sum stops growing once it is too much.
      amount = Math.min(amount + product.unitPrice.amount * quantity, greatestAmount + 1);
    }
    if (first === undefined) firstIndex.set(sku, index);
  });
  if (amount > greatestAmount) {
    objections.push({ pointer: '#/items', detail: `the total exceeds ${greatestAmount} minor units` });
  }
  return objections.length > 0 ? { objections } : { lines, total: { amount, currency } };
}
