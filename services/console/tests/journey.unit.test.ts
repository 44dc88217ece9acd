import { type EventName, topicOf, topics } from '@skald/contracts';
import { describe, expect, it } from 'vitest';
import { type JourneyEvent, mergeEvents, tellJourney } from '../page/journey.ts';

const sequences = new Map<string, number>();
const given = (...names: EventName[]): JourneyEvent[] => {
  sequences.clear();
  return names.map((event, at) => {
    const topic = topicOf(event);
    const sequence = (sequences.get(topic) ?? 0) + 1;
    sequences.set(topic, sequence);
    return { event, topic, sequence, at, service: topics[topic].writer };
  });
};

const told = (events: readonly JourneyEvent[]) => {
  const { rows } = tellJourney(events);
  return Object.fromEntries(
    rows.map(({ event, sequence, kind, causes }) => [
      `${event} ${sequence}`,
      [kind, ...causes.map((cause) => rows[cause]?.event)],
    ]),
  );
};
const due = (events: readonly JourneyEvent[]) =>
  tellJourney(events).due.map(({ service, verb }) => `${service}: ${verb}`);

const placed = ['OrderCreated', 'OrderContact', 'EmailNotification'] as const;

describe('the journey of an order', () => {
  it('tells of each event what it is, and what it follows from', () => {
    expect(
      told(
        given(
          ...placed,
          'StockReserved',
          'PaymentCompleted',
          'ShipmentScheduled',
          'OrderConfirmed',
          'EmailNotification',
          'MailSent',
          'MailSent',
        ),
      ),
    ).toEqual({
      'OrderCreated 1': ['step'],
      'OrderContact 1': ['note', 'OrderCreated'],
      'EmailNotification 1': ['note', 'OrderCreated'],
      'StockReserved 1': ['step', 'OrderCreated'],
      'PaymentCompleted 1': ['step', 'OrderCreated', 'StockReserved'],
      'ShipmentScheduled 1': ['step', 'OrderContact', 'PaymentCompleted'],
      'OrderConfirmed 2': ['pivot', 'ShipmentScheduled'],
      'EmailNotification 2': ['note', 'OrderConfirmed'],
      'MailSent 1': ['step', 'EmailNotification'],
      'MailSent 2': ['step', 'EmailNotification'],
    });
  });

  it('tells a refusal, and the compensations that it leads to', () => {
    const events = given(
      'OrderCreated',
      'StockReserved',
      'PaymentFailed',
      'OrderCancelled',
      'StockReservationCancelled',
    );
    expect(told(events)).toMatchObject({
      'PaymentFailed 1': ['refusal', 'OrderCreated', 'StockReserved'],
      'OrderCancelled 2': ['compensation', 'PaymentFailed'],
      'StockReservationCancelled 2': ['compensation', 'OrderCancelled'],
    });
  });

  it('tells events of one moment in the order of the saga, whoever told of them first', () => {
    const moment = given('OrderCancelled', 'PaymentFailed', 'StockReserved', 'OrderCreated').map((event) => ({
      ...event,
      at: 1,
    }));
    expect(tellJourney(moment).rows.map(({ event }) => event)).toEqual([
      'OrderCreated',
      'StockReserved',
      'PaymentFailed',
      'OrderCancelled',
    ]);
  });

  it.each([
    [placed, ['inventory: reserve', 'email: send']],
    [['OrderCreated', 'StockReserved'], ['payment: charge']],
    [[...placed, 'MailSent', 'StockReserved', 'PaymentCompleted'], ['shipping: book']],
    [['OrderCreated', 'StockReserved', 'PaymentCompleted', 'ShipmentScheduled'], ['order: confirm']],
    [['OrderCreated', 'ShipmentScheduled', 'OrderConfirmed', 'StockShipped'], ['shipping: dispatch']],
    [['OrderCreated', 'StockReservationFailed'], ['order: cancel']],
    [['OrderCreated', 'StockReservationFailed', 'OrderCancelled'], []],
    [
      ['OrderCreated', 'StockReserved', 'PaymentCompleted', 'ShipmentFailed', 'OrderCancelled'],
      ['inventory: release', 'payment: refund'],
    ],
    [
      [...placed, 'MailSent', 'EmailNotification'],
      ['inventory: reserve', 'email: send'],
    ],
  ] as [EventName[], string[]][])('after %j waits for %j', (names, steps) => {
    expect(due(given(...names))).toEqual(steps);
  });

  it('is put together from several sides, and each event is told once', () => {
    const [created] = given('OrderCreated');
    if (created === undefined) throw new Error('nothing given');
    const heard = { ...created, partition: 2, offset: 9, traceId: 'a-trace' };
    expect(mergeEvents([created], [heard], [created])).toEqual([heard]);
  });
});
