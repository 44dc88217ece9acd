import { randomBytes, randomUUID } from 'node:crypto';
import { topics } from '@skald/contracts';
import { createOrderRequest, waitForRest } from '@skald/testkit';
import { describe, expect, it } from 'vitest';
import { addresses, eventsOf, shop } from './system.ts';

const traceIdOf = (traceparent: string | undefined) => traceparent?.split('-')[1];

describe('What a request is known by', () => {
  it.each([
    ['a confirmed', 'tok_visa', 'CONFIRMED'],
    ['a declined', 'tok_chargeDeclined', 'CANCELLED'],
  ])(
    'is on every event of %s order, on every topic, up to the mail',
    async (_what, paymentMethod, status) => {
      const correlationId = randomUUID();
      const traceId = randomBytes(16).toString('hex');
      const { orderId } = await shop.placeOrder(
        { paymentMethod },
        {
          'x-correlation-id': correlationId,
          traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
        },
      );
      await waitForRest(addresses, [orderId]);
      expect((await shop.getOrder(orderId)).status).toBe(status);

      const events = await eventsOf(orderId);
      const told = new Set(events.map(({ record }) => record.topic));
      const ofOrders = Object.values(topics).filter(({ key }) => key === 'orderId');
      expect([...told].sort()).toEqual(ofOrders.map(({ name }) => name as string).sort());
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
