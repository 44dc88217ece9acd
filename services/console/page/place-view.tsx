import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ask } from './api.ts';
import { type Product, products } from './basket.ts';
import { CatalogueList } from './catalogue-list.tsx';
import { resets } from './live.ts';
import { OrderForm } from './order-form.tsx';
import { Panel, ProblemNote } from './parts.tsx';
import { PlacedOrders } from './placed-orders.tsx';

export interface StockLevel {
  readonly sku: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly shipped: number;
}

const stock = signal<ReadonlyMap<string, StockLevel>>(new Map());
const problem = signal<unknown>(undefined);
let isCatalogueWhole = false;
/** Stock changes with each order: near enough for people. */
const EVERY_MS = 3_000;

async function load(): Promise<void> {
  try {
    if (!isCatalogueWhole) {
      const answer = await ask<{ products: readonly Product[] }>('/api/products');
      // The console reads it from the log: what has stopped growing is all of it.
      isCatalogueWhole = answer.products.length > 0 && answer.products.length === products.value.length;
      products.value = answer.products;
    }
    const { stock: levels } = await ask<{ stock: readonly StockLevel[] }>('/api/stock?limit=1000');
    stock.value = new Map(levels.map((level) => [level.sku, level]));
    problem.value = undefined;
  } catch (error) {
    problem.value = error;
  }
}

export function PlaceView() {
  useEffect(() => {
    void load();
    const timer = setInterval(() => void load(), EVERY_MS);
    return () => clearInterval(timer);
  }, [resets.value]);
  return (
    <>
      <Panel title="Catalogue" class="catalogue">
        <ProblemNote error={problem.value} />
        <CatalogueList products={products.value} stock={stock.value} />
      </Panel>
      <div class="place-side">
        <OrderForm />
        <PlacedOrders />
      </div>
    </>
  );
}
