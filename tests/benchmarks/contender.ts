import type { LoadTarget } from './load-protocol.ts';

export interface StockLevel {
  readonly onHand: number;
  readonly reserved: number;
  readonly shipped: number;
}

/** A system under test: five services of an order saga, started and ready. */
export interface Contender {
  readonly name: string;
  readonly target: LoadTarget;
  /** A database of the contender's cluster. */
  readonly databaseUrl: string;
  /** Process trees, name → pid: the five services, kafka, postgres and what else the contender needs. */
  pids(): Readonly<Record<string, number>>;
  stockOf(sku: string): Promise<StockLevel>;
  stop(): Promise<void>;
}

export const serviceNames = ['order', 'inventory', 'payment', 'shipping', 'email'] as const;

export type ServiceName = (typeof serviceNames)[number];

/** Asks the inventory over HTTP. */
export async function fetchStock(inventoryUrl: string, sku: string): Promise<StockLevel> {
  const response = await fetch(`${inventoryUrl}/stock/${sku}`);
  if (!response.ok) throw new Error(`GET /stock/${sku} answered ${response.status}`);
  return (await response.json()) as StockLevel;
}
