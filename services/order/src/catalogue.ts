import type { Queryable, Statement } from '@skald/messaging';
import type { Product } from './pricing.ts';
import type { ListedProduct } from './world.ts';

/** Our own copy of what is sold, in memory: orders are priced without asking anybody. */
export interface Catalogue {
  /** How many products it holds. */
  readonly size: number;
  readonly productOf: (sku: string) => Product | undefined;
  /** An older listing never overwrites a newer one. */
  learn(products: Iterable<ListedProduct>): void;
  /** Look into the database for those that aren't known here: another instance may have been told. */
  lookUp(db: Queryable, skus: readonly string[]): Promise<void>;
  /** Read what any instance has saved since the last time. */
  refresh(db: Queryable): Promise<void>;
}

interface ProductRow {
  readonly sku: string;
  readonly name: string;
  readonly unit_price: number;
  readonly currency: string;
  readonly sequence: number;
  readonly saved_at: Date;
}

const columns = 'sku, name, unit_price, currency, sequence, saved_at';
const productsSince: Statement = {
  name: 'order-products-since',
  text: `SELECT ${columns} FROM products WHERE saved_at >= $1::timestamptz - interval '1 minute'`,
};
const productsNamed: Statement = {
  name: 'order-products-named',
  text: `SELECT ${columns} FROM products WHERE sku = ANY ($1::text[])`,
};

export function createCatalogue(): Catalogue {
  const products = new Map<string, ListedProduct>();
  /** The newest that we have read. A minute is read again each time: a transaction may commit after one that began later. */
  let readUpTo = new Date(0);

  function learn(listed: Iterable<ListedProduct>): void {
    for (const product of listed) {
      const known = products.get(product.sku);
      if (!known || known.sequence < product.sequence) products.set(product.sku, product);
    }
  }

  return {
    get size() {
      return products.size;
    },
    productOf: (sku) => products.get(sku),
    learn,
    async lookUp(db, skus) {
      const unknown = skus.filter((sku) => !products.has(sku));
      if (unknown.length > 0) learn((await db.query<ProductRow>(productsNamed, [unknown])).map(toProduct));
    },
    async refresh(db) {
      const rows = await db.query<ProductRow>(productsSince, [readUpTo]);
      learn(rows.map(toProduct));
      for (const { saved_at } of rows) if (saved_at > readUpTo) readUpTo = saved_at;
    },
  };
}

function toProduct({ sku, name, unit_price, currency, sequence }: ProductRow): ListedProduct {
  return { sku, name, unitPrice: { amount: unit_price, currency }, sequence };
}
