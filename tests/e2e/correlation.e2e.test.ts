import { randomBytes, randomUUID } from 'node:crypto';
import { isOfSaga, topics } from '@skald/contracts';
import { createOrderRequest, waitForRest } from '@skald/testkit';
import { describe, expect, it } from 'vitest';
import { addresses, eventsOf, shop } from './system.ts';

const traceIdOf = (traceparent: string | undefined) => traceparent?.split('-')[1];

const ofOrders = Object.values(topics)
  .filter(({ key, writer }) => key === 'orderId' && isOfSaga(writer))
  .map(({ name }) => name);

describe('What a request is known by', () => {
  it.each([
    { what: 'a confirmed', paymentMethod: 'tok_visa', wanted: ofOrders },
    {
      what: 'a declined',
      paymentMethod: 'tok_chargeDeclined',
      wanted: ofOrders.filter((name) => name !== 'shipping.events'),
    },
  ])(
    'is on every event of $what order, on every topic, up to the mail',
    async ({ paymentMethod, wanted }) => {
      const correlationId = randomUUID();
      const traceId = randomBytes(16).toString('hex');
      const traceparent = `00-${traceId}-${randomBytes(8).toString('hex')}-01`;
      const { orderId } = await shop.placeOrder(
        { paymentMethod },
        { 'x-correlation-id': correlationId, traceparent },
      );
      await waitForRest(addresses, [orderId]);

      const events = await eventsOf(orderId);
      expect(new Set(events.map(({ record }) => record.topic))).toEqual(new Set(wanted));
      for (const event of events) {
        expect.soft(event, event.name).toMatchObject({ correlationId });
        expect.soft(traceIdOf(event.traceparent), event.name).toBe(traceId);
      }
      expect(events.filter(({ name }) => name === 'MailSent')).toHaveLength(2);
    },
  );

  it('is a correlation id of its own where the caller gives none, and the answer says which', async () => {
    const answer = await shop.post(createOrderRequest(), { 'idempotency-key': randomUUID() });
    const { orderId } = answer.body as { orderId: string };
    await waitForRest(addresses, [orderId]);
    const ids = new Set((await eventsOf(orderId)).map(({ correlationId }) => correlationId));
    expect(ids).toEqual(new Set([answer.headers.get('x-correlation-id')]));
  });

  it('leads from every event to the one that it follows from', async () => {
    const { orderId } = await shop.placeOrder();
    await waitForRest(addresses, [orderId]);
    const events = await eventsOf(orderId);
    const byId = new Map(events.map((event) => [event.id, event]));
    const causeOf = (name: string) => {
      const event = events.find((candidate) => candidate.name === name);
      return byId.get(event?.causationId ?? '')?.name;
    };
    expect(causeOf('StockReserved')).toBe('OrderCreated');
    expect(causeOf('OrderConfirmed')).toBe('ShipmentScheduled');
    expect(causeOf('StockShipped')).toBe('OrderConfirmed');
    expect(causeOf('ShipmentDispatched')).toBe('OrderConfirmed');
  });
});
