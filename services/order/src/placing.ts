import { type Kernel, newId, OverloadError } from '@skald/messaging';
import { Problem, type RequestTrace } from '@skald/service-kit';

import type { Catalogue } from './catalogue.ts';
import { fingerprintOf, parseIdempotencyKey } from './idempotency-key.ts';
import type { PlaceOrder, PlaceReply } from './order.ts';
import { currency, type Objection, price } from './pricing.ts';
import type { PlaceOrderBody } from './request.ts';
import { claimId } from './world.ts';

/** Places an order, or finds the one that was placed with this key before. Throws a Problem if it may not be. */
export type Placing = (keyHeader: string, body: PlaceOrderBody, trace: RequestTrace) => Promise<string>;

export function createPlacing(kernel: Kernel, catalogue: Catalogue): Placing {
  /** Requests of this instance that aren't answered yet → their fingerprints. */
  const inFlight = new Map<string, string>();

  return async function place(keyHeader, body, { correlationId, traceparent }) {
    const idempotencyKey = parseIdempotencyKey(keyHeader);
    const fingerprint = fingerprintOf(body);
    // Until callers are authenticated, a caller is a customer.
    const claim = claimId(body.customerId, idempotencyKey);
    const concurrent = inFlight.get(claim);
    if (concurrent !== undefined) throw concurrent === fingerprint ? keyInUse() : keyReused();
    inFlight.set(claim, fingerprint);
    try {
      const data: PlaceOrder = {
        customerId: body.customerId,
        ...(await priced(body)),
        paymentMethod: body.paymentMethod,
        contact: { ...body.shippingAddress, email: body.email },
        idempotencyKey,
        fingerprint,
      };
      const command = { name: 'PlaceOrder', key: newId(), data, correlationId, traceparent };
      return orderIdOf(await kernel.submit<PlaceReply>(command));
    } catch (error) {
      throw error instanceof OverloadError ? overloaded(error) : error;
    } finally {
      inFlight.delete(claim);
    }
  };

  async function priced(body: PlaceOrderBody): Promise<Pick<PlaceOrder, 'lines' | 'total'>> {
    if (body.currency !== currency) {
      throw refused([
        { pointer: '#/currency', detail: `Prices are in ${currency}, not in ${body.currency}` },
      ]);
    }
    const skus = body.items.map(({ sku }) => sku);
    if (skus.some((sku) => !catalogue.productOf(sku))) await catalogue.lookUp(kernel.database, skus);
    // Nothing is sold by a house that hasn't heard of its products yet: that's ours to mend, not the caller's.
    if (catalogue.size === 0) throw noCatalogue();
    const pricing = price(body.items, catalogue.productOf);
    if ('objections' in pricing) throw refused(pricing.objections);
    return pricing;
  }
}

function orderIdOf(reply: PlaceReply): string {
  if (reply.result === 'key-in-use') throw keyInUse();
  if (reply.result === 'key-reused') throw keyReused();
  return reply.orderId;
}

const refused = (errors: readonly Objection[]): Problem =>
  new Problem({
    status: 422,
    type: 'urn:skald:problem:order-refused',
    title: 'Order refused',
    detail: errors
      .slice(0, 3)
      .map(({ detail }) => detail)
      .join('; '),
    errors,
  });

const keyReused = (): Problem =>
  new Problem({
    status: 422,
    type: 'urn:skald:problem:idempotency-key-reused',
    title: 'Idempotency-Key is used for another request',
    detail: 'The same key came with another body before: a new order needs a key of its own',
    errors: [{ pointer: 'header/idempotency-key', detail: 'Used with another body before' }],
  });

const keyInUse = (): Problem =>
  new Problem({
    status: 409,
    type: 'urn:skald:problem:idempotency-key-in-use',
    title: 'A request with this Idempotency-Key is being worked on',
    detail: 'Try again in a moment for its answer',
    retryAfter: 1,
  });

const noCatalogue = (): Problem =>
  new Problem({
    status: 503,
    type: 'urn:skald:problem:catalogue-missing',
    title: 'No catalogue yet',
    detail: 'The catalogue is still being read',
    retryAfter: 1,
  });

const overloaded = (error: OverloadError): Problem =>
  new Problem({
    status: 503,
    type: 'urn:skald:problem:overloaded',
    title: 'Too much is waiting',
    detail: 'Nothing was stored; try again later',
    retryAfter: error.retryAfterSeconds,
    cause: error,
  });
