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
}

/** One row without a product where there is none. */
type SinceRow = { readonly xmin: string } & (ProductRow | { readonly sku: null });

const columns = 'sku, name, unit_price, currency, sequence';
const productsSince: Statement = {
  name: 'order-products-since',
  text: `SELECT pg_snapshot_xmin(s)::text AS xmin, ${columns}
    FROM pg_current_snapshot() AS s LEFT JOIN products ON saved_by >= $1::text::xid8`,
};
const productsNamed: Statement = {
  name: 'order-products-named',
  text: `SELECT ${columns} FROM products WHERE sku = ANY ($1::text[])`,
};

export function createCatalogue(): Catalogue {
  const products = new Map<string, ListedProduct>();
  /** Every transaction below this xid had ended when we read. */
  let readUpTo = '0';

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
      const rows = await db.query<SinceRow>(productsSince, [readUpTo]);
      learn(rows.flatMap((row) => (row.sku === null ? [] : [toProduct(row)])));
      readUpTo = rows[0]?.xmin ?? readUpTo;
    },
  };
}

function toProduct({ sku, name, unit_price, currency, sequence }: ProductRow): ListedProduct {
  return { sku, name, unitPrice: { amount: unit_price, currency }, sequence };
}
