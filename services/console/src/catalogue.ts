import { topicOf } from '@skald/contracts';
import type { ConsumedRecord, EventViewer } from '@skald/messaging';

/** What can be ordered. */
export interface Product {
  readonly sku: string;
  readonly name: string;
  /** Minor units. */
  readonly unitPrice: number;
  readonly currency: string;
}

/** The console's own copy of what inventory has listed. */
export interface Catalogue {
  take(records: readonly ConsumedRecord[]): Promise<void>;
  /** By SKU. */
  list(): readonly Product[];
}

export const productTopic = topicOf('ProductListed');
/** Far more than the house sells. */
const MAX_PRODUCTS = 20_000;

export function createCatalogue(viewer: EventViewer): Catalogue {
  const products = new Map<string, Product>();
  let sorted: readonly Product[] | undefined;
  return {
    async take(records) {
      for (const { value } of records) {
        const content = await viewer.view(value);
        if (!('name' in content) || content.name !== 'ProductListed') continue;
        const { sku, name, unitPrice } = content.data as {
          sku: string;
          name: string;
          unitPrice: { amount: number; currency: string };
        };
        if (products.size >= MAX_PRODUCTS && !products.has(sku)) continue;
        products.set(sku, { sku, name, unitPrice: unitPrice.amount, currency: unitPrice.currency });
      }
      sorted = undefined;
    },
    list() {
      sorted ??= [...products.values()].sort((a, b) => (a.sku < b.sku ? -1 : 1));
      return sorted;
    },
  };
}
