import { describe, expect, it } from 'vitest';
import { groups, type ServiceName, serviceNames, topicOf } from './catalogue.ts';
import type { EventName } from './generated/events.ts';
import { sagaFlaws } from './saga-flaws.ts';
import {
  lingeringIn,
  reactionsOf,
  reactorsTo,
  type Step,
  sagaGraph,
  unreadBy,
  writersOf,
} from './saga-graph.ts';

/** The saga with one step changed; without it, if there is no change. */
function withStep(name: string, change: Partial<Step> | undefined): readonly Step[] {
  return sagaGraph.flatMap((step) => {
    if (`${step.service}.${step.verb}` !== name) return [step];
    return change === undefined ? [] : [{ ...step, ...change }];
  });
}

describe('the saga', () => {
  it('has a writer and a reader for every event, and a compensation for every step before the pivot', () => {
    expect(sagaFlaws()).toEqual([]);
  });

  it.each([
    [
      'a step that nothing takes back',
      'payment.charge',
      { undoneBy: 'nothing' },
      'nothing takes payment.charge back',
    ],
    ['a compensation that is missing', 'shipping.callOff', undefined, 'nothing takes shipping.book back'],
    ['an event that nobody writes', 'email.send', { onFailure: [] }, 'MailUnknown has no writer'],
    ['an event that nobody reads', 'order.learnPrice', undefined, 'ProductListed has no reader'],
    [
      'a writer in a topic that is not its own',
      'inventory.ship',
      { publishes: ['StockShipped', 'MailSent'] },
      'inventory.ship publishes MailSent, but email.events is written by email alone',
    ],
    [
      'a reader that does not consume the topic',
      'email.send',
      { on: ['EmailNotification', 'OrderCreated'] },
      "email.send reacts to OrderCreated, but its service doesn't consume orders.events",
    ],
    [
      'a step that nothing calls for',
      'inventory.list',
      { askedBy: undefined },
      'nothing calls for inventory.list',
    ],
    [
      'a failure that nobody cares for',
      'order.cancel',
      { on: ['StockReservationFailed', 'PaymentFailed'] },
      'shipping.book fails with ShipmentFailed, and nothing is compensated',
    ],
    [
      'a step before the pivot that is for good',
      'payment.charge',
      { kind: 'retriable' },
      'payment.charge comes before the pivot, but is retriable',
    ],
    [
      'a step after the pivot that may be undone',
      'shipping.dispatch',
      { kind: 'compensable' },
      'shipping.dispatch comes after the pivot, but is compensable',
    ],
    ['no pivot', 'order.confirm', { kind: 'retriable' }, 'a saga has one pivot, not 0'],
    ['two pivots', 'shipping.dispatch', { kind: 'pivot' }, 'a saga has one pivot, not 2'],
    [
      'two verbs for one event',
      'inventory.release',
      { on: ['OrderCancelled', 'OrderCreated'] },
      'inventory has two verbs for OrderCreated',
    ],
    [
      'a topic that is read for nothing',
      'payment.charge',
      { on: ['OrderCreated'] },
      'payment consumes inventory.events and reads none of its events',
    ],
  ] as const)('is found wanting with %s', (_, step, change, flaw) => {
    expect(sagaFlaws(withStep(step, change as Partial<Step> | undefined))).toContain(flaw);
  });
});

describe('what a service must react to', () => {
  it('is each event once, with its verb', () => {
    expect(reactionsOf('inventory')).toEqual({
      OrderCreated: 'reserve',
      OrderConfirmed: 'ship',
      OrderCancelled: 'release',
    });
  });

  it('leaves some events of its topics unread', () => {
    expect(unreadBy('shipping')).toEqual(['OrderCreated', 'PaymentFailed', 'PaymentRefunded']);
    expect(unreadBy('order')).toEqual([]);
  });

  it('may gather, where it brings no order nearer to being confirmed or cancelled', () => {
    const urgent = (service: ServiceName) =>
      Object.keys(reactionsOf(service)).filter((event) => !lingeringIn(service).includes(event as EventName));
    expect(serviceNames.map(urgent)).toEqual([
      ['ShipmentScheduled', 'StockReservationFailed', 'PaymentFailed', 'ShipmentFailed'],
      ['OrderCreated'],
      ['StockReserved'],
      ['PaymentCompleted'],
      [],
    ]);
  });

  it.each(serviceNames)('comes from the topics that %s consumes', (service) => {
    const topics = Object.keys(reactionsOf(service)).map((event) => topicOf(event as 'MailSent'));
    expect(new Set(topics)).toEqual(new Set(groups[service]));
  });

  it('finds the writers of an event and those who react to it', () => {
    const names = (steps: readonly Step[]) => steps.map(({ service, verb }) => `${service}.${verb}`);
    expect(names(writersOf('EmailNotification'))).toEqual(['order.place', 'order.confirm', 'order.cancel']);
    expect(names(writersOf('PaymentFailed'))).toEqual(['payment.charge']);
    expect(names(reactorsTo('OrderCancelled'))).toEqual([
      'inventory.release',
      'payment.refund',
      'shipping.callOff',
    ]);
  });
});
