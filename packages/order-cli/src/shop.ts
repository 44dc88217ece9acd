import { setTimeout as delay } from 'node:timers/promises';
import { createServiceClient, Refused, type ServiceClient } from '@skald/command-line';
import type { ShippingAddress } from '@skald/contracts';
import { z } from 'zod';
import { type FollowOptions, followOrders } from './follow.ts';
import { type Order, orderSchema, type Page, pageSchema } from './order.ts';
import type { Places } from './places.ts';

/** What POST /orders takes. */
export interface OrderRequest {
  readonly customerId: string;
  readonly email: string;
  readonly currency: string;
  readonly items: readonly { readonly sku: string; readonly quantity: number }[];
  readonly shippingAddress: ShippingAddress;
  readonly paymentMethod: string;
}

const acceptedSchema = z.object({ orderId: z.string(), status: z.string(), version: z.int() });
export type Accepted = z.infer<typeof acceptedSchema>;

/** The system as the command asks it: orders are placed with order, and looked at in order-view. All throw Refused and NoAnswer. */
export interface Shop {
  /** Asked again under the same key, it is placed once. Waits where the service asks for it. */
  place(request: OrderRequest, key: string): Promise<Accepted>;
  cancel(orderId: string): Promise<Accepted>;
  /** Waits for one that order knows and order-view hasn't seen yet. */
  read(orderId: string): Promise<Order>;
  search(query: Readonly<Record<string, string>>): Promise<Page>;
  /** Where order-view is now: whoever follows from here misses nothing that comes. */
  position(): Promise<string>;
  follow(options: Omit<FollowOptions, 'signal'>): AsyncGenerator<Order, never>;
}

/** Of 503 with Retry-After: an overload passes. */
const MAX_TRIES = 20;
/** order-view lets a reader wait for 5 s: it is asked so often for an order that is there. */
const MAX_LOOKS = 6;

export function createShop(places: Places, signal: AbortSignal): Shop {
  const clientOf = (service: 'order' | 'order-view'): ServiceClient =>
    createServiceClient({
      service,
      url: places.url(service),
      signal,
      hint: `Is it running? \`npm start\` starts it; --${service}-url says where it is.`,
    });
  // Each is asked for when it is needed: to place orders, order alone has to be there.
  const order = (): ServiceClient => clientOf('order');
  const view = (): ServiceClient => clientOf('order-view');
  const pathOf = (orderId: string) => `/orders/${encodeURIComponent(orderId)}`;

  return {
    async place(body, key) {
      for (let tries = 1; ; tries += 1) {
        try {
          const headers = { 'idempotency-key': JSON.stringify(key) };
          return await order().ask('/orders', acceptedSchema, { method: 'POST', body, headers });
        } catch (error) {
          if (!(error instanceof Refused) || error.retryAfter === undefined || tries >= MAX_TRIES)
            throw error;
          await delay(error.retryAfter * 1_000, undefined, { signal }).catch(() => signal.throwIfAborted());
        }
      }
    },
    cancel: (orderId) => order().ask(`${pathOf(orderId)}/cancel`, acceptedSchema, { method: 'POST' }),
    async read(orderId) {
      const path = pathOf(orderId);
      try {
        return await view().ask(path, orderSchema);
      } catch (error) {
        if (!(error instanceof Refused) || error.status !== 404) throw error;
      }
      // Unknown to order, it is unknown; else it is on its way.
      await order().ask(path, z.looseObject({}));
      for (let looks = 1; ; looks += 1) {
        try {
          return await view().ask(`${path}?after=1`, orderSchema);
        } catch (error) {
          if (!(error instanceof Refused) || error.status !== 504 || looks >= MAX_LOOKS) throw error;
        }
      }
    },
    search: (query) => view().ask(`/orders?${new URLSearchParams(query).toString()}`, pageSchema),
    position: async () => (await view().ask('/orders?limit=1', pageSchema)).position,
    follow: (options) => followOrders(view(), { ...options, signal }),
  };
}
