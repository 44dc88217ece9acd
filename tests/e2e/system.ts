import { audit, createEventDecoder, createTopicReader, type TopicEvent, templatesFor } from '@skald/auditor';
import type { EventName } from '@skald/contracts';
import { connectStack, createShop, type OrderView, type PlacedOrder, waitForRest } from '@skald/testkit';
import { expect, inject } from 'vitest';

/** Records that a test puts into a topic itself carry this `ce_source`. */
export const foreignSource = 'e2e';
/** Those of the test that plants what the auditor must find. */
export const forgedSource = 'e2e-forger';

const stack = await connectStack(inject('e2eStack'));

export const { addresses } = stack;
export const shop = createShop(addresses);

const eventTopics = [
  'orders.events',
  'orders.contacts',
  'outbox.events',
  'inventory.events',
  'payments.events',
  'shipping.events',
  'email.events',
];

/** Every event of an order on every topic, decoded. */
export async function eventsOf(orderId: string): Promise<TopicEvent[]> {
  const reader = createTopicReader(addresses);
  const decode = createEventDecoder(addresses);
  try {
    const records = await reader.read(eventTopics);
    return await Promise.all(records.filter(({ key }) => key?.toString() === orderId).map(decode));
  } finally {
    await reader.close();
  }
}

export const namesOf = (events: readonly { readonly name: EventName }[]): string[] =>
  sorted(events.map(({ name }) => name));

export const sorted = (texts: readonly string[]): string[] => [...texts].sort();

/** Its customer got just the mails that the order's end asks for, each once, and none says anything of another order. */
export async function expectMails({ orderId, request }: PlacedOrder, status: OrderView['status']) {
  const mails = await shop.mails(request.email);
  expect(sorted(mails.map(({ headers }) => String(headers['x-template'])))).toEqual([
    ...templatesFor[status],
  ]);
  expect(new Set(mails.map(({ headers }) => headers['x-order-id']))).toEqual(new Set([orderId]));
  return mails;
}

/** What was taken for the order and not given back, in minor units. */
export async function moneyKept(orderId: string): Promise<number> {
  return (await shop.charges(orderId)).reduce(
    (kept, charge) => kept + charge.amount - charge.refundedAmount,
    0,
  );
}

/** Does something while a process is stopped, and starts it again. */
export async function whileDown<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  await stack.stop(name);
  try {
    return await work();
  } finally {
    await stack.start(name);
  }
}

/** Everything that this stack has ever done adds up. */
export async function expectInvariants(accepted: readonly string[] = []): Promise<void> {
  await waitForRest(addresses, accepted);
  const { violations } = await audit(addresses, {
    accepted,
    noPoison: true,
    mailboxIsWhole: true,
    ignoreSources: [foreignSource, forgedSource],
  });
  expect(violations.map(({ invariant, subject, says }) => `${invariant}. ${subject} ${says}`)).toEqual([]);
}
