import { randomUUID } from 'node:crypto';
import { createOrderRequest, type ProblemView } from '@skald/testkit';
import { describe, expect, it } from 'vitest';
import { shop } from './system.ts';

const keyed = (key: string) => ({ 'content-type': 'application/json', 'idempotency-key': key });
const ordersOf = ({ customerId }: { customerId: string }) => shop.listOrders({ customerId });

describe.concurrent('An Idempotency-Key', () => {
  it('that comes again with the same body gets the same answer, also once the order has ended', async () => {
    const key = randomUUID();
    const request = createOrderRequest();
    const first = await shop.post(request, keyed(key));
    const again = await shop.post(request, keyed(key));
    expect(first.status).toBe(202);
    expect(again).toMatchObject({ status: 202, text: first.text });
    expect(again.headers.get('location')).toBe(first.headers.get('location'));

    const { orderId } = first.body as { orderId: string };
    await shop.waitForEnd(orderId);
    expect(await shop.post(request, keyed(key))).toMatchObject({ status: 202, text: first.text });
    expect(await ordersOf(request)).toHaveLength(1);
  });

  it('is the same one with and without its quotes, and with the fields in another order', async () => {
    const key = randomUUID();
    const request = createOrderRequest();
    const shuffled = Object.fromEntries(Object.entries(request).reverse());
    const first = await shop.post(request, keyed(key));
    const again = await shop.post(shuffled, keyed(`"${key}"`));
    expect(again).toMatchObject({ status: 202, text: first.text });
    expect(await ordersOf(request)).toHaveLength(1);
  });

  it('that comes many times at once makes one order: the others get its answer, or a 409', async () => {
    const key = randomUUID();
    const request = createOrderRequest();
    const answers = await Promise.all(Array.from({ length: 20 }, () => shop.post(request, keyed(key))));
    const accepted = answers.filter(({ status }) => status === 202);
    const refused = answers.filter(({ status }) => status === 409);
    expect(accepted.length).toBeGreaterThan(0);
    expect(accepted.length + refused.length).toBe(answers.length);
    expect(new Set(accepted.map(({ text }) => text)).size).toBe(1);
    for (const { body, headers } of refused) {
      expect(body).toMatchObject({ type: 'urn:skald:problem:idempotency-key-in-use', status: 409 });
      expect(headers.get('retry-after')).not.toBeNull();
    }
    expect(await ordersOf(request)).toHaveLength(1);
  });

  it('that comes with another body is a 422, and makes no second order', async () => {
    const key = randomUUID();
    const request = createOrderRequest();
    expect((await shop.post(request, keyed(key))).status).toBe(202);
    const other = { ...request, items: [{ sku: 'SKU-0002', quantity: 1 }] };
    const answer = await shop.post(other, keyed(key));
    expect(answer.status).toBe(422);
    expect((answer.body as ProblemView).errors?.[0]?.pointer).toBe('header/idempotency-key');
    expect(await ordersOf(request)).toHaveLength(1);
  });

  it('of one caller is not that of another', async () => {
    const key = randomUUID();
    const [one, other] = [createOrderRequest(), createOrderRequest()];
    const answers = await Promise.all([shop.post(one, keyed(key)), shop.post(other, keyed(key))]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    expect(answers[0]?.text).not.toBe(answers[1]?.text);
  });
});
