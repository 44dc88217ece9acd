import { eventsOf, groups, schemaOf, topicOf, typeFor } from '@skald/contracts';
import { describe, expect, it } from 'vitest';
import { confirmed, foldAll, modelAfter, orderId, placedAt, tell, unserviceable } from '../tests/given.ts';
import { sections } from './sections.ts';
import { isOfView, modelOf } from './view.ts';

const next = (service: string, verb: string) => ({ service, verb });

describe('the sections', () => {
  it('take in every event of the topics that are followed', () => {
    const followed = groups['order-view'].flatMap(eventsOf);
    expect(followed.filter((event) => !isOfView(event))).toEqual([]);
  });

  it.each(Object.entries(sections))(
    '%s is filled by one topic alone, which fills no other',
    (name, { on }) => {
      const topicsOf = (events: object) =>
        new Set(Object.keys(events).map((event) => topicOf(event as 'MailSent')));
      const [topic, ...others] = topicsOf(on);
      expect(others).toEqual([]);
      for (const [other, section] of Object.entries(sections))
        if (other !== name) expect(topicsOf(section.on)).not.toContain(topic);
    },
  );
});

describe('the view of an order', () => {
  it('is not shown before the order itself is known, however much is', () => {
    const events = tell(confirmed);
    const others = events.filter(({ name }) => !name.startsWith('Order'));
    expect(modelOf(foldAll(others))).toBeUndefined();
    expect(modelOf(foldAll([...others, ...events.slice(0, 1)]))).toMatchObject({
      version: others.length + 1,
      status: 'PENDING',
      payment: { state: 'completed' },
    });
  });

  it('holds what became of stock, payment, shipment and mails of a confirmed one', () => {
    expect(modelAfter(confirmed)).toMatchObject({
      orderId,
      version: 9,
      status: 'CONFIRMED',
      reason: null,
      customerId: 'ada',
      lines: [
        { sku: 'SKU-0001', name: 'Oak Desk Lamp', quantity: 2, reservation: 'shipped', available: null },
        { sku: 'SKU-0042', reservation: 'shipped' },
      ],
      total: { amount: 15_080, currency: 'EUR' },
      placedAt,
      updatedAt: placedAt + 620,
      payment: { state: 'completed', amount: { amount: 15_080 }, refunded: null },
      shipment: { state: 'dispatched', carrier: 'Skald Express', trackingNumber: 'SX1' },
      mails: [
        { template: 'order-confirmation', state: 'sent' },
        { template: 'shipment-scheduled', state: 'sent' },
      ],
      remaining: [],
      waitsFor: null,
    });
  });

  it('holds what was taken back of a cancelled one', () => {
    expect(modelAfter(unserviceable)).toMatchObject({
      status: 'CANCELLED',
      reason: 'PAYMENT_DECLINED',
      lines: [{ reservation: 'released' }, { reservation: 'released' }],
      payment: { state: 'refunded', amount: { amount: 15_080 }, refunded: { amount: 15_080 } },
      shipment: { state: 'failed', failure: 'ADDRESS_UNSERVICEABLE' },
      mails: [{ state: 'sent' }, { template: 'order-cancelled', state: 'unknown', cause: 'timeout' }],
      remaining: [],
      waitsFor: null,
    });
  });

  it('says which line was short, and why a payment was declined', () => {
    const short = modelAfter([
      ['OrderCreated', 0],
      ['StockReservationFailed', 100],
    ]);
    expect(short?.lines).toMatchObject([
      { reservation: 'short', available: null },
      { reservation: 'short', available: 0 },
    ]);
    const declined = modelAfter([
      ['OrderCreated', 0],
      ['PaymentFailed', 100],
    ]);
    expect(declined?.payment).toEqual({
      state: 'failed',
      amount: null,
      refunded: null,
      declineReason: 'card_declined',
    });
  });

  it('tells of a charge that is known by its refund alone', () => {
    const model = modelAfter([
      ['OrderCreated', 0],
      ['OrderCancelled', 10],
      ['PaymentRefunded', 300],
    ]);
    expect(model?.payment).toMatchObject({ state: 'refunded', amount: { amount: 15_080 } });
  });

  it('is what its schema says, and says nothing about a person', () => {
    const type = typeFor(schemaOf('OrderReadModel'));
    for (const told of [confirmed, unserviceable]) {
      const model = modelAfter(told);
      expect(JSON.parse(JSON.stringify(type.fromBuffer(type.toBuffer(model))))).toEqual(model);
    }
    expect(JSON.stringify(modelAfter(confirmed))).not.toContain('tok_visa');
  });
});

describe('the steps of an order', () => {
  it('are told in the order of time, with what each took since what called for it, and where it lies', () => {
    const steps = modelAfter(confirmed)?.steps ?? [];
    expect(steps.map(({ service, verb, event, durationMs }) => [service, verb, event, durationMs])).toEqual([
      ['order', 'place', 'OrderCreated', null],
      ['inventory', 'reserve', 'StockReserved', 100],
      ['email', 'send', 'MailSent', 120],
      ['payment', 'charge', 'PaymentCompleted', 150],
      ['shipping', 'book', 'ShipmentScheduled', 150],
      ['order', 'confirm', 'OrderConfirmed', 50],
      ['inventory', 'ship', 'StockShipped', 50],
      ['shipping', 'dispatch', 'ShipmentDispatched', 60],
      ['email', 'send', 'MailSent', 170],
    ]);
    expect(steps.at(-1)).toMatchObject({ at: placedAt + 620, sequence: 2, partition: 3, offset: 102 });
  });

  it('take no time less than none, where clocks differ', () => {
    const steps = modelAfter([
      ['OrderCreated', 50],
      ['StockReserved', 30],
    ])?.steps;
    expect(steps).toMatchObject([{ event: 'StockReserved', durationMs: 0 }, { event: 'OrderCreated' }]);
  });

  it('within one millisecond are told in the order of the saga', () => {
    const steps = modelAfter([
      ['PaymentCompleted', 0],
      ['StockReserved', 0],
      ['OrderCreated', 0],
    ])?.steps;
    expect(steps?.map(({ verb }) => verb)).toEqual(['place', 'reserve', 'charge']);
  });

  it('that a person asked for followed from nothing; those that a refusal asked for, from it', () => {
    const cancelled = (...told: Parameters<typeof modelAfter>[0]) =>
      modelAfter([['OrderCreated', 0], ...told])?.steps.find(({ verb }) => verb === 'cancel');
    expect(cancelled(['OrderCancelled', 100])?.durationMs).toBeNull();
    expect(cancelled(['PaymentFailed', 60], ['OrderCancelled', 100])?.durationMs).toBe(40);
    expect(cancelled(['OrderCancelled', 100], ['PaymentFailed', 130])?.durationMs).toBeNull();
  });
});

describe('what is still to come', () => {
  const ahead = (count: number, told = confirmed) => {
    const model = modelAfter(told.slice(0, count));
    return {
      remaining: model?.remaining.map(({ service, verb }) => `${service}: ${verb}`).join(', '),
      waitsFor: model?.waitsFor,
    };
  };

  it.each([
    [
      1,
      'inventory: reserve, payment: charge, shipping: book, order: confirm, inventory: ship, shipping: dispatch, email: send',
      next('inventory', 'reserve'),
    ],
    [
      3,
      'payment: charge, shipping: book, order: confirm, inventory: ship, shipping: dispatch, email: send',
      next('payment', 'charge'),
    ],
    [
      4,
      'shipping: book, order: confirm, inventory: ship, shipping: dispatch, email: send',
      next('shipping', 'book'),
    ],
    [5, 'order: confirm, inventory: ship, shipping: dispatch, email: send', next('order', 'confirm')],
    [6, 'inventory: ship, shipping: dispatch, email: send', next('inventory', 'ship')],
    [7, 'shipping: dispatch, email: send', next('shipping', 'dispatch')],
    [8, 'email: send', next('email', 'send')],
    [9, '', null],
  ])('after %i events on the way to a confirmation: %s', (count, remaining, waitsFor) => {
    expect(ahead(count)).toEqual({ remaining, waitsFor });
  });

  it.each([
    [5, 'order: cancel, inventory: release, payment: refund, email: send', next('order', 'cancel')],
    [6, 'inventory: release, payment: refund, email: send', next('inventory', 'release')],
    [7, 'inventory: release, email: send', next('inventory', 'release')],
    [8, 'email: send', next('email', 'send')],
    [9, '', null],
  ])('after %i events on the way back: %s', (count, remaining, waitsFor) => {
    expect(ahead(count, unserviceable)).toEqual({ remaining, waitsFor });
  });

  it('of one that was cancelled before anything was done is its mails alone', () => {
    const told = [
      ['OrderCreated', 0],
      ['OrderCancelled', 10],
    ] as const;
    expect(ahead(2, told)).toEqual({ remaining: 'email: send', waitsFor: next('email', 'send') });
  });

  it('of one that is reserved after it was cancelled is the release', () => {
    const told = [
      ['OrderCreated', 0],
      ['OrderCancelled', 10],
      ['StockReserved', 20],
    ] as const;
    expect(ahead(3, told)).toMatchObject({ waitsFor: next('inventory', 'release') });
  });

  it('waits for whoever owes the mail, once all else is done, though an earlier one was sent', () => {
    expect(ahead(8).waitsFor).toEqual(next('email', 'send'));
  });
});
