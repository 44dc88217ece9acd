import { plainLook } from '@skald/command-line';
import { createFakeTerminal } from '@skald/testkit';
import { describe, expect, it } from 'vitest';
import { after, exampleOrders } from '../tests/example-orders.ts';
import { takenBackLines } from './cancel.ts';
import { changeJson, changeLine, createChangeFinder, endLine } from './changes.ts';
import { listLines } from './list.ts';
import type { Order } from './order.ts';
import { orderLines } from './order-lines.ts';
import { traceJson, traceLines } from './trace-lines.ts';

const { placed, onItsWay, confirmed, cancelled, refunded } = exampleOrders;
const hostile = 'Lamp\u001b[31m\u202e\r\n';
const noLink = { traceId: undefined, correlationId: undefined, url: undefined, missing: undefined };

/** Every rendering of an order there is. */
const renderings = (order: Order, look: Parameters<typeof orderLines>[1]): string[] => [
  ...orderLines(order, look, after(60_000)),
  ...traceLines(order, { ...noLink, traceId: 'ab12' }, look, after(60_000)),
  ...createChangeFinder(0)(order).map((change) => changeLine(change, look, true)),
  ...listLines([order], null, look),
];

describe('An order that was confirmed', () => {
  it('is shown with its stock, its money, its shipment, its mails, and each step with what it took', () => {
    expect(orderLines(confirmed, plainLook, after(60_000))).toEqual([
      'order     01a1fe09-5e67-7f68-8164-e3d98ce02c3a',
      'status    CONFIRMED',
      'customer  ada',
      'placed    2026-01-31T12:00:00.000Z (1 min ago)',
      'total     €99.80',
      'payment   completed, €99.80',
      'shipment  dispatched, Skald Express, SX1, promised for 2026-02-03',
      '',
      'lines',
      '  sku       product        pieces    each  reservation',
      '  SKU-0001  Oak Desk Lamp       2  €49.90  shipped',
      '',
      'steps',
      '  at              took  step                event               where',
      '  12:00:00.000       –  order: place        OrderCreated        orders.events/3@41',
      '  12:00:00.183  183 ms  inventory: reserve  StockReserved       inventory.events/3@41',
      '  12:00:00.400  400 ms  email: send         MailSent            email.events/3@41',
      '  12:00:00.457  274 ms  payment: charge     PaymentCompleted    payments.events/3@41',
      '  12:00:00.620  163 ms  shipping: book      ShipmentScheduled   shipping.events/3@41',
      '  12:00:00.753  133 ms  order: confirm      OrderConfirmed      orders.events/3@42',
      '  12:00:00.784   31 ms  inventory: ship     StockShipped        inventory.events/3@42',
      '  12:00:00.813   60 ms  shipping: dispatch  ShipmentDispatched  shipping.events/3@42',
      '  12:00:00.900  147 ms  email: send         MailSent            email.events/3@42',
      '',
      'mails',
      '  at            template            state',
      '  12:00:00.400  order-confirmation  sent',
      '  12:00:00.900  shipment-scheduled  sent',
    ]);
  });

  it('is traced by cause: under each event those that it called for', () => {
    const link = {
      traceId: 'ab12',
      correlationId: 'c1',
      url: 'http://traces.example/ab12',
      missing: undefined,
    };
    expect(traceLines(confirmed, link, plainLook, after(60_000))).toEqual([
      '01a1fe09-5e67-7f68-8164-e3d98ce02c3a  CONFIRMED',
      'trace        ab12',
      'link         http://traces.example/ab12',
      'correlation  c1',
      '',
      'at              took  event                                           step                where',
      '12:00:00.000       –  OrderCreated (asked for by a customer)          order: place        orders.events/3@41',
      '12:00:00.183  183 ms  ├─ StockReserved                                inventory: reserve  inventory.events/3@41',
      '12:00:00.457  274 ms  │  └─ PaymentCompleted (with OrderCreated)      payment: charge     payments.events/3@41',
      '12:00:00.620  163 ms  │     └─ ShipmentScheduled (with OrderCreated)  shipping: book      shipping.events/3@41',
      '12:00:00.753  133 ms  │        └─ OrderConfirmed                      order: confirm      orders.events/3@42',
      '12:00:00.784   31 ms  │           ├─ StockShipped                     inventory: ship     inventory.events/3@42',
      '12:00:00.813   60 ms  │           ├─ ShipmentDispatched               shipping: dispatch  shipping.events/3@42',
      '12:00:00.900  147 ms  │           └─ MailSent shipment-scheduled      email: send         email.events/3@42',
      '12:00:00.400  400 ms  └─ MailSent order-confirmation                  email: send         email.events/3@41',
    ]);
  });

  it('is traced for scripts with the places of the causes in the list', () => {
    const { events, traceId } = traceJson(confirmed, { ...noLink, traceId: 'ab12' });
    expect(traceId).toBe('ab12');
    expect(events.map(({ event, causes }) => `${event} ${causes.join('+')}`.trim())).toEqual([
      'OrderCreated',
      'StockReserved 0',
      'MailSent 0',
      'PaymentCompleted 1+0',
      'ShipmentScheduled 3+0',
      'OrderConfirmed 4',
      'StockShipped 5',
      'ShipmentDispatched 5',
      'MailSent 5',
    ]);
  });
});

describe('An order that is on its way', () => {
  it('says what is to come, and which step it waits for, whose that is, and for how long', () => {
    expect(orderLines(onItsWay, plainLook, after(3_383)).slice(-9)).toEqual([
      'still to come',
      '  payment: charge',
      '  shipping: book',
      '  order: confirm',
      '  inventory: ship',
      '  shipping: dispatch',
      '  email: send',
      '',
      'Waits for payment: charge, for 3.20 s',
    ]);
    expect(traceLines(onItsWay, noLink, plainLook, after(3_383)).slice(-2)).toEqual([
      'Still to come: payment: charge · shipping: book · order: confirm · inventory: ship · shipping: dispatch · email: send',
      'Waits for payment: charge, for 3.20 s',
    ]);
  });

  it('says why there is no trace where Kafka can’t be asked', () => {
    expect(traceLines(onItsWay, { ...noLink, missing: 'Kafka is away' }, plainLook, 0)).toContain(
      'No trace id: Kafka is away',
    );
  });
});

describe('An order that was cancelled while it was charged', () => {
  it('has a tree of its own for what the customer asked for, with what was taken back beneath it', () => {
    expect(
      traceLines(refunded, noLink, plainLook, 0)
        .slice(3)
        .map((line) => line.slice(22, 66).trimEnd()),
    ).toEqual([
      'OrderCreated (asked for by a customer)',
      '└─ StockReserved',
      '   └─ PaymentCompleted (with OrderCreated)',
      'OrderCancelled (asked for by a customer)',
      '├─ StockReservationCancelled',
      '├─ MailSent order-cancelled',
      '└─ PaymentRefunded',
    ]);
  });

  it('tells what was taken back', () => {
    expect([endLine(refunded, plainLook), ...takenBackLines(refunded)]).toEqual([
      'CANCELLED, CANCELLED_BY_CUSTOMER after 1.30 s, €99.80',
      'stock     released: 2 × SKU-0001',
      'payment   refunded: €99.80',
      'shipment  none was booked',
      'mails     order-cancelled sent',
    ]);
    expect(takenBackLines(cancelled)[1]).toBe('payment   nothing was charged');
  });
});

describe('Changes', () => {
  it('are told step by step, the newest with the state that the order has come to', () => {
    const changesIn = createChangeFinder(after(-1));
    const told = [placed, onItsWay, onItsWay, confirmed].map((order) =>
      changesIn(order).map((change) => changeLine(change, plainLook, false)),
    );
    expect(told).toEqual([
      [
        '12:00:00.000  OrderCreated               order: place               –  PENDING, waits for inventory: reserve',
      ],
      [
        '12:00:00.183  StockReserved              inventory: reserve    183 ms  PENDING, waits for payment: charge',
      ],
      // It came again, as after a connection that broke.
      [],
      [
        '12:00:00.400  MailSent                   email: send           400 ms',
        '12:00:00.457  PaymentCompleted           payment: charge       274 ms',
        '12:00:00.620  ShipmentScheduled          shipping: book        163 ms',
        '12:00:00.753  OrderConfirmed             order: confirm        133 ms',
        '12:00:00.784  StockShipped               inventory: ship        31 ms',
        '12:00:00.813  ShipmentDispatched         shipping: dispatch     60 ms',
        '12:00:00.900  MailSent                   email: send           147 ms  CONFIRMED',
      ],
    ]);
  });

  it('of an order that was there before are its newest step alone', () => {
    const changes = createChangeFinder(after(1))(onItsWay);
    expect(changes.map(({ step }) => step.event)).toEqual(['StockReserved']);
    expect(changes.map(changeJson)[0]).toMatchObject({
      orderId: onItsWay.orderId,
      status: 'PENDING',
      event: 'StockReserved',
      topic: 'inventory.events',
      waitsFor: { service: 'payment', verb: 'charge' },
    });
  });
});

describe('A list', () => {
  it('has a line for each order, and says how many there are of which kind', () => {
    const facets = {
      total: 7,
      isWhole: true,
      status: { PENDING: 2, CONFIRMED: 5 },
      sku: { 'SKU-0001': 7 },
      waitsFor: { payment: 2 },
    };
    expect(listLines([onItsWay], facets, plainLook)).toEqual([
      'order                                 status   customer   total  placed                    waits for        products',
      '01a1fe09-5e67-7f68-8164-e3d98ce02c3a  PENDING  ada       €99.80  2026-01-31T12:00:00.000Z  payment: charge  2 × SKU-0001',
      '',
      '1 of 7 orders',
      'status    CONFIRMED 5 · PENDING 2',
      'waits for payment 2',
      'sku       SKU-0001 7',
    ]);
    expect(listLines([], null, plainLook)).toEqual(['No orders match.']);
  });
});

describe('What is rendered', () => {
  it('holds no escape code where it is no terminal, and colours where it is', () => {
    for (const order of Object.values(exampleOrders)) {
      expect(renderings(order, createFakeTerminal()).join('')).not.toContain('\u001b');
      expect(renderings(order, createFakeTerminal({ columns: 160, wantsColour: true })).join('')).toContain(
        '\u001b[',
      );
    }
  });

  it('tells a terminal nothing that strangers wrote for it', () => {
    const order: Order = {
      ...confirmed,
      customerId: hostile,
      reason: hostile,
      lines: confirmed.lines.map((line) => ({ ...line, name: hostile })),
      mails: confirmed.mails.map((mail) => ({ ...mail, template: hostile, cause: hostile })),
      steps: confirmed.steps.map((step) => ({ ...step, event: hostile, verb: hostile })),
      remaining: [{ service: hostile, verb: hostile }],
      waitsFor: { service: hostile, verb: hostile },
    };
    expect(renderings(order, plainLook).join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('is coloured by its status also where there is no room for all of it', () => {
    const [, line = ''] = listLines([refunded], null, createFakeTerminal({ columns: 60, wantsColour: true }));
    expect(line).toContain('\u001b[31mCANCE…\u001b[39m');
  });

  it('fits a terminal of any width, line by line, while it is watched', () => {
    for (const columns of [30, 80, 110, 160]) {
      const look = createFakeTerminal({ columns, wantsColour: false });
      for (const change of createChangeFinder(0)(refunded))
        expect(Array.from(changeLine(change, look, true)).length).toBeLessThanOrEqual(columns);
    }
    const [change] = createChangeFinder(0)(placed);
    expect(change && changeLine(change, createFakeTerminal({ columns: 80, wantsColour: false }), true)).toBe(
      '12:00:00.000  …3d98ce02c3a  OrderCreated                      –  PENDING, waits…',
    );
  });

  it('fits a terminal of 100 columns', () => {
    const look = createFakeTerminal({ columns: 100, wantsColour: false });
    for (const order of [confirmed, refunded])
      for (const line of [...orderLines(order, look, after(0)), ...listLines([order], null, look)])
        expect(Array.from(line).length, line).toBeLessThanOrEqual(100);
  });
});
