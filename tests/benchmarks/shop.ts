import { randomUUID } from 'node:crypto';
import type { Item, OrderRequest } from '@skald/testkit';
import type { FastifyInstance } from 'fastify';
import type { StockLevel } from './contender.ts';

/** What is sold, and to whom, where the services are the benchmark's own. */

/** Amounts in minor units. */
export interface Order extends OrderRequest {
  readonly orderId: string;
  readonly items: readonly (Item & { readonly unitPrice: number })[];
  readonly total: number;
}

export const orderRequestSchema = {
  type: 'object',
  required: ['customerId', 'email', 'currency', 'items', 'shippingAddress', 'paymentMethod'],
  properties: {
    items: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['sku', 'quantity'],
        properties: { sku: { type: 'string' }, quantity: { type: 'integer', minimum: 1 } },
      },
    },
  },
};

export const productsSchema = `
  CREATE TABLE IF NOT EXISTS products (sku text PRIMARY KEY, unit_price integer NOT NULL);
  INSERT INTO products SELECT 'SKU-' || lpad(n::text, 4, '0'), 500 + n FROM generate_series(1, 1000) n ON CONFLICT DO NOTHING;
`;

/** Undefined where an SKU has no price. */
export function priceOrder(
  request: OrderRequest,
  orderId: string,
  prices: ReadonlyMap<string, number>,
): Order | undefined {
  let total = 0;
  const items: Order['items'][number][] = [];
  for (const { sku, quantity } of request.items) {
    const unitPrice = prices.get(sku);
    if (unitPrice === undefined) return undefined;
    items.push({ sku, quantity, unitPrice });
    total += quantity * unitPrice;
  }
  return { ...request, orderId, items, total };
}

export const paymentsSchema = `
  CREATE TABLE IF NOT EXISTS payments (
    order_id uuid PRIMARY KEY,
    charge_id uuid,
    amount bigint NOT NULL,
    status text NOT NULL
  );
`;

/** `options` go behind the columns: they may say how the table is stored. */
export const createStockSchema = (options = ''): string => `
  CREATE TABLE IF NOT EXISTS stock (
    sku text PRIMARY KEY,
    on_hand integer NOT NULL CHECK (on_hand >= 0),
    reserved integer NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    shipped integer NOT NULL DEFAULT 0
  ) ${options};
  INSERT INTO stock (sku, on_hand) SELECT 'SKU-' || lpad(n::text, 4, '0'), 1000000 FROM generate_series(1, 1000) n
    ON CONFLICT DO NOTHING;
`;

export const stockOfSku = `SELECT sku, on_hand AS "onHand", reserved, shipped FROM stock WHERE sku = $1`;

export function addStockRoute(
  app: FastifyInstance,
  find: (sku: string) => Promise<StockLevel | undefined>,
): void {
  app.get<{ Params: { sku: string } }>(
    '/stock/:sku',
    async (request, reply) =>
      (await find(request.params.sku)) ?? reply.code(404).send({ title: 'No such SKU' }),
  );
}

/** The payment provider, inside the service for every contender. Answers the charge's id, undefined if it is declined. */
export const chargeCard = (paymentMethod: string): string | undefined =>
  paymentMethod === 'tok_visa' ? randomUUID() : undefined;

/** Nobody delivers there. */
export const isUnserviceable = ({ shippingAddress }: Pick<Order, 'shippingAddress'>): boolean =>
  shippingAddress.postalCode === '00000';

/** A mail's text. In a benchmark it is thrown away then, for every contender. */
export const renderMail = (to: string, name: string, template: string): string =>
  `To: ${to}\nSubject: ${template}\n\nDear ${name}, …`;
