import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { StackAddresses } from './addresses.ts';

/** What somebody would post with curl. */
export const firstOrder = {
  customerId: 'ada',
  email: 'ada@example.org',
  currency: 'EUR',
  items: [{ sku: 'SKU-0001', quantity: 1 }],
  shippingAddress: {
    name: 'Ada Lovelace',
    street: '12 Analytical Way',
    postalCode: '10115',
    city: 'Berlin',
    country: 'DE',
  },
  paymentMethod: 'tok_visa',
};

const acceptedSchema = z.object({ orderId: z.string() });
const orderSchema = z.object({
  status: z.string(),
  totalAmount: z.int(),
  currency: z.string(),
  history: z.array(z.object({ event: z.string(), service: z.string(), at: z.string() })),
});
const mailsSchema = z.array(
  z.object({ to: z.string(), subject: z.string(), headers: z.record(z.string(), z.string()) }),
);

const patience = 30_000;

/** Places one order and tells its journey until it has ended and its mails are there. Times are since the POST. */
export async function placeFirstOrder(addresses: StackAddresses, say: (line: string) => void): Promise<void> {
  const orders = `${addresses.services['order']}/orders`;
  const mailsBefore = (await readMails(addresses)).length;
  const startedAt = Date.now();
  const response = await fetch(orders, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': JSON.stringify(crypto.randomUUID()) },
    body: JSON.stringify(firstOrder),
  });
  if (response.status !== 202)
    throw new Error(`POST /orders answered ${response.status}: ${await response.text()}`);
  const { orderId } = acceptedSchema.parse(await response.json());
  const since = (time: number) => `${String(time - startedAt).padStart(6)} ms`;
  say(`A first order, ${orderId}:`);
  say(`${since(Date.now())}  202 Accepted`);
  await follow(`${orders}/${orderId}`, say, since);
  const subjects = await waitFor('the order’s mails', async () => {
    const mails = (await readMails(addresses)).slice(mailsBefore);
    return mails.length >= 2 ? mails.map(({ subject }) => subject) : undefined;
  });
  say(`${since(Date.now())}  mails: ${subjects.join(' · ')}`);
}

/** Tells each event as it shows up, until the order has ended and all have said their part. */
async function follow(
  url: string,
  say: (line: string) => void,
  since: (time: number) => string,
): Promise<void> {
  // By name, as the history is in the order of time: one that was late to arrive is put between the others.
  const told = new Set<string>();
  let endedAt: number | undefined;
  await waitFor('the order’s end', async () => {
    const { status, history } = orderSchema.parse(await (await fetch(url)).json());
    for (const { event, service, at } of history.filter((entry) => !told.has(entry.event))) {
      told.add(event);
      say(`${since(Date.parse(at))}  ${event.padEnd(20)} ${service}`);
    }
    if (status !== 'PENDING') endedAt ??= Date.now();
    const isWhole = status === 'CANCELLED' || (told.has('ShipmentDispatched') && told.has('StockShipped'));
    if (endedAt === undefined || !isWhole) return undefined;
    say(`${since(endedAt)}  ${status}`);
    return true;
  });
}

async function readMails(addresses: StackAddresses): Promise<z.infer<typeof mailsSchema>> {
  const url = `${addresses.mail.messages}?to=${encodeURIComponent(firstOrder.email)}`;
  return mailsSchema.parse(await (await fetch(url)).json());
}

async function waitFor<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`Waited ${patience / 1_000} s for ${what} in vain`);
    await delay(15);
  }
}
