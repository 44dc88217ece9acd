import { type Events, type emailTemplates, groups, reactionsOf, unreadBy } from '@skald/contracts';
import type { EventInput, Input } from '@skald/messaging';
import { createEmailNotification } from '@skald/testkit';
import { describe, expect, it } from 'vitest';
import { effectKind } from './mail.ts';
import { reactor, saga } from './saga.ts';
import { createWorld } from './world.ts';

const orderId = '01900000-0000-7000-8000-000000000001';
const price = { amount: 4_990, currency: 'EUR' };
const context = { now: 1_000, newId: () => 'id' };
const arrival = { key: orderId, time: 1, id: 'event', correlationId: 'correlation' };

const blank = createEmailNotification({ orderId, template: 'order-cancelled' });
const confirmation = {
  ...blank,
  template: 'order-confirmation',
  lines: [{ sku: 'SKU-0001', name: 'Product', quantity: 1, unitPrice: price }],
  total: price,
} as const;
const shipment = {
  ...blank,
  template: 'shipment-scheduled',
  carrier: 'Carrier',
  trackingNumber: 'T-1',
  promisedDate: '2026-01-31',
} as const;
const cancellation = { ...blank, reason: 'OUT_OF_STOCK' } as const;

const inputOf = (data: Events['EmailNotification'], key = orderId): EventInput<'EmailNotification'> => ({
  ...arrival,
  key,
  kind: 'event',
  name: 'EmailNotification',
  sequence: 1,
  data,
});
const answerTo = (template: (typeof emailTemplates)[number]): Input => ({
  ...arrival,
  kind: 'outcome',
  name: effectKind(template),
  data: { status: 'sent' },
});

describe("email's part in the saga", () => {
  it('is what the graph says', () => {
    expect(saga).toEqual(reactionsOf('email'));
    expect(unreadBy('email')).toEqual([]);
    expect(reactor.consumes).toEqual(groups.email);
  });

  it("tells an order's mails apart, within one batch", () => {
    const world = createWorld();
    const take = (input: Input) => {
      const decision = reactor.decide(world, input, context);
      if (decision.outcome !== 'ignore') reactor.evolve(world, decision.change);
      return decision;
    };
    for (const data of [confirmation, shipment, cancellation]) {
      expect(take(inputOf(data))).toMatchObject({
        outcome: 'apply',
        effects: [{ data: { template: data.template } }],
      });
    }
    expect(take(inputOf(shipment))).toMatchObject({ outcome: 'ignore' });
    expect(take(answerTo('shipment-scheduled'))).toMatchObject({
      events: [{ name: 'MailSent', data: { template: 'shipment-scheduled' } }],
    });
    expect(Array.from(world.mails.values(), ({ state }) => state)).toEqual(['sending', 'sent', 'sending']);
    expect(world.unsaved.size).toBe(3);
  });

  it.each([
    { why: 'the key is no order id', input: inputOf(cancellation, 'nonsense') },
    { why: 'the key is another order', input: inputOf(cancellation, orderId.replace('1', '2')) },
    { why: 'the notification has no id', input: inputOf({ ...cancellation, notificationId: '' }) },
    { why: 'the address is none', input: inputOf({ ...cancellation, email: 'nobody' }) },
    {
      why: 'the address is none',
      input: inputOf({ ...cancellation, email: 'a@example.com, b@example.com' }),
    },
    {
      why: 'the address is none',
      input: inputOf({ ...cancellation, email: 'a@example.com\r\nBcc: b@example.com' }),
    },
    {
      why: 'the address is none',
      input: inputOf({ ...cancellation, email: `${'a'.repeat(250)}@example.com` }),
    },
    { why: 'what order-cancelled needs is missing', input: inputOf(blank) },
    { why: 'what order-confirmation needs is missing', input: inputOf({ ...confirmation, total: null }) },
    { why: 'what shipment-scheduled needs is missing', input: inputOf({ ...shipment, carrier: null }) },
    { why: 'the promised date is none', input: inputOf({ ...shipment, promisedDate: '2026-02-31T' }) },
    { why: 'the promised date is none', input: inputOf({ ...shipment, promisedDate: '2026-13-01' }) },
    {
      why: 'a currency is no ISO 4217 code',
      input: inputOf({ ...confirmation, total: { amount: 1, currency: '€' } }),
    },
  ])('takes a notification for poison if $why, without a word of whom it is for', ({ why, input }) => {
    expect(() => reactor.decide(createWorld(), input, context)).toThrow(
      expect.objectContaining({ name: 'PoisonError', message: `EmailNotification: ${why}` }),
    );
  });
});
