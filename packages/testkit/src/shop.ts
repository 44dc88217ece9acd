import { randomUUID } from 'node:crypto';
import type { Charge, Mail } from '@skald/auditor';
import type { CancelReason, TopicName } from '@skald/contracts';
import type { StackAddresses } from '@skald/local-stack';
import { eventually, type Patience } from './eventually.ts';
import { type Answer, ask, send } from './http.ts';
import { createOrderRequest, type OrderRequest } from './order-request.ts';

export type OrderStatus = 'PENDING' | 'CONFIRMED' | 'CANCELLED';

/** An order as a list shows it. */
export interface OrderSummary {
  readonly orderId: string;
  readonly customerId: string;
  readonly status: OrderStatus;
  readonly reason?: CancelReason;
  /** Minor units. */
  readonly totalAmount: number;
  readonly currency: string;
  readonly version: number;
  readonly createdAt: string;
}

export interface OrderView extends OrderSummary {
  /** `unitPrice` in minor units. */
  readonly items: readonly { sku: string; name: string; quantity: number; unitPrice: number }[];
  readonly history: readonly {
    event: string;
    service: string;
    topic: TopicName;
    sequence: number;
    at: string;
    ignored?: string;
  }[];
}

export interface PlacedOrder {
  readonly orderId: string;
  readonly request: OrderRequest;
}

export interface StockView {
  readonly sku: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly shipped: number;
}

/** A problem as RFC 9457 has it, with the fields that are wrong. */
export interface ProblemView {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly errors?: readonly { pointer: string; detail: string }[];
}

/** The system from outside, by HTTP alone, as customers, a clerk and the bank would see it. */
export interface Shop {
  /** POST /orders with any body and headers; `idempotency-key` and `content-type` come from the headers alone. */
  post(body: unknown, headers: Readonly<Record<string, string>>): Promise<Answer<unknown>>;
  /** Places an order that goes through, but for what is overridden. Throws if the answer isn't 202. */
  placeOrder(
    overrides?: Partial<OrderRequest>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<PlacedOrder>;
  getOrder(orderId: string): Promise<OrderView>;
  /** Every order that matches, page by page. */
  listOrders(filter?: { status?: OrderStatus; customerId?: string }): Promise<OrderSummary[]>;
  /** Waits until the order is as wanted. */
  waitForOrder(
    orderId: string,
    isWanted: (order: OrderView) => boolean,
    patience?: Patience,
  ): Promise<OrderView>;
  /** Waits until the order is confirmed or cancelled. */
  waitForEnd(orderId: string, patience?: Patience): Promise<OrderView>;
  cancelOrder(orderId: string): Promise<Answer<ProblemView & { status: number | OrderStatus }>>;
  stock(sku: string): Promise<StockView>;
  /** Every SKU's stock, page by page. */
  listStock(): Promise<StockView[]>;
  setStock(sku: string, onHand: number): Promise<StockView>;
  /** Money that moved for an order: successful charges, with what was given back. */
  charges(orderId: string): Promise<Charge[]>;
  /** All money that moved. */
  listCharges(): Promise<Charge[]>;
  /** Mails to an address, or all. */
  mails(to?: string): Promise<Mail[]>;
}

const PAGE = 1_000;

export function createShop({ services, paymentProvider, mail }: StackAddresses): Shop {
  const base = (service: string): string => {
    const url = services[service];
    if (url === undefined) throw new Error(`There is no service ${service} in this stack`);
    return url;
  };
  const getOrder = (orderId: string) => ask<OrderView>(`${base('order')}/orders/${orderId}`);

  const waitForOrder: Shop['waitForOrder'] = async (orderId, isWanted, patience = {}) => {
    let last: OrderView | undefined;
    const look = async () => {
      last = await getOrder(orderId);
      return isWanted(last) ? last : undefined;
    };
    const what = patience.what ?? 'the order is as wanted';
    return await eventually(look, { ...patience, what }).catch((cause: unknown) => {
      throw new Error(`${String(cause)}\nThe order at last: ${JSON.stringify(last, null, 1)}`, { cause });
    });
  };

  return {
    getOrder,
    waitForOrder,
    post: (body, headers) => send(`${base('order')}/orders`, { method: 'POST', headers, body }),
    async placeOrder(overrides = {}, headers = {}) {
      const request = createOrderRequest(overrides);
      const { orderId } = await ask<{ orderId: string }>(`${base('order')}/orders`, {
        method: 'POST',
        headers: { 'idempotency-key': randomUUID(), ...headers },
        body: request,
      });
      return { orderId, request };
    },
    async listOrders(filter = {}) {
      const orders: OrderSummary[] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const query = new URLSearchParams({ limit: '100', ...filter, ...(cursor && { cursor }) });
        const page: { orders: OrderSummary[]; nextCursor: string | null } = await ask(
          `${base('order')}/orders?${query.toString()}`,
        );
        orders.push(...page.orders);
        cursor = page.nextCursor;
      }
      return orders;
    },
    waitForEnd: (orderId, patience) =>
      waitForOrder(orderId, ({ status }) => status !== 'PENDING', {
        what: 'the order has ended',
        ...patience,
      }),
    cancelOrder: (orderId) => send(`${base('order')}/orders/${orderId}/cancel`, { method: 'POST' }),
    stock: (sku) => ask(`${base('inventory')}/stock/${sku}`),
    async listStock() {
      const stock: StockView[] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const query = new URLSearchParams({ limit: String(PAGE), ...(cursor && { cursor }) });
        const page: { stock: StockView[]; nextCursor: string | null } = await ask(
          `${base('inventory')}/stock?${query.toString()}`,
        );
        stock.push(...page.stock);
        cursor = page.nextCursor;
      }
      return stock;
    },
    setStock: (sku, onHand) => ask(`${base('inventory')}/stock/${sku}`, { method: 'PUT', body: { onHand } }),
    charges: (orderId) => ask(`${paymentProvider}/charges?orderId=${orderId}`),
    async listCharges() {
      const charges: Charge[] = [];
      for (;;) {
        const after = charges.at(-1)?.chargeId;
        const query = new URLSearchParams({ limit: String(PAGE), ...(after !== undefined && { after }) });
        const page = await ask<Charge[]>(`${paymentProvider}/charges?${query.toString()}`);
        charges.push(...page);
        if (page.length < PAGE) return charges;
      }
    },
    mails: (to) => ask(to === undefined ? mail.messages : `${mail.messages}?to=${encodeURIComponent(to)}`),
  };
}
