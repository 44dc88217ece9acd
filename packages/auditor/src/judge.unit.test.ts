import { type EventName, groups, type ServiceName, type TopicName, topicOf } from '@skald/contracts';
import { describe, expect, it } from 'vitest';
import {
  cancelledId,
  charge,
  confirmedId,
  createEvidence,
  delivered,
  takenAt,
  tell,
  tellGoodEvents,
  withInbox,
  withKernel,
} from '../tests/good-evidence.ts';
import type { TopicEvent } from './event-decoder.ts';
import type { BusinessRows } from './evidence/business-rows.ts';
import type { Evidence } from './evidence/evidence.ts';
import type { ParkedRow } from './evidence/kernel-rows.ts';
import { type Letter, letterId } from './evidence/letters.ts';
import { type Expectations, judge } from './judge.ts';

const events = tellGoodEvents();
const good = createEvidence(events);
const { business } = good;
const orders = topicOf('OrderCreated');

const named = (name: EventName, key = confirmedId) =>
  events.find((event) => event.name === name && event.key === key) as TopicEvent;
const without = (event: TopicEvent) => events.filter((other) => other !== event);
/** Committed as it should be; on the topics something else. */
const published = (onTopics: readonly TopicEvent[]) => createEvidence(events, onTopics);
const changed = (event: TopicEvent, change: object) =>
  published(events.map((other) => (other === event ? ({ ...other, ...change } as TopicEvent) : other)));
/** Committed, published and applied all the same. */
const andSo = (...more: TopicEvent[]) => createEvidence([...events, ...more]);
const stored = (change: Partial<BusinessRows>): Evidence => ({
  ...good,
  business: { ...business, ...change },
});
const orderIs = (id: string, change: object) => {
  const order = business.orders.get(id);
  if (order === undefined) throw new Error(`there is no order ${id}`);
  return stored({ orders: new Map([...business.orders, [id, { ...order, ...change }]]) });
};
const stock = (row: object) => ({ onHand: 8, reserved: 0, shipped: 2, received: 10, ...row });
const mails = (id: string, ...list: ReturnType<typeof delivered>[]): Evidence => ({
  ...good,
  mailbox: { ...good.mailbox, byOrder: new Map([...good.mailbox.byOrder, [id, list]]) },
});
const applied = (
  service: ServiceName,
  topic: TopicName,
  sequence: number,
  evidence = good,
  key = confirmedId,
) =>
  withInbox(evidence, service, key, ({ applied: marks, ...row }, ordinals) => ({
    ...row,
    applied: marks.map((mark, ordinal) => (ordinal === ordinals.get(topic) ? sequence : mark)),
  }));

/** What order-view says of the confirmed order, in the version that holds so many of its events less. */
function viewed(says: string, missing = 0): Evidence {
  const held = groups['order-view'].flatMap((topic) =>
    events.filter(({ name, key }) => topicOf(name) === topic && key === confirmedId),
  );
  return published([...events, tell(confirmedId, held.length - missing, 'OrderReadModel', { status: says })]);
}

const created = named('OrderCreated').record;
const letter = (change: Partial<Letter> = {}): Letter => ({
  group: 'payment',
  topic: orders,
  partition: 0,
  offset: created.offset,
  key: confirmedId,
  code: 'NONSENSE',
  text: '',
  failedAt: takenAt,
  attempts: 1,
  repeated: 0,
  digests: ['k v h'],
  edited: [],
  resolution: undefined,
  at: `${orders}.payment.dlq/0@0`,
  ...change,
});
const lettered = (one: Letter, evidence = good): Evidence => ({
  ...evidence,
  letters: new Map([[letterId(one), one]]),
  originals: new Map([[`${orders}/0@${created.offset}`, { key: 'k', value: 'v', headers: 'h' }]]),
});
const parked = (change: Partial<ParkedRow> = {}): ParkedRow => ({
  topic: orders,
  key: confirmedId,
  partition: 0,
  offset: created.offset,
  sequence: 1,
  code: 'NONSENSE',
  parkedAt: takenAt - 120_000,
  state: 'parked',
  ...change,
});
const ended = named('OrderConfirmed').record;
/** payment has parked the order's first event, and behind it its second one, as it should. */
const parkedWell = lettered(
  letter(),
  withKernel(applied('payment', orders, 0), 'payment', {
    parked: [parked(), parked({ offset: ended.offset, sequence: 2, code: null })],
  }),
);

const broken = (evidence: Evidence, expectations: Expectations = {}) =>
  new Set(
    judge(evidence, { mailboxIsWhole: true, ...expectations }).violations.map(({ invariant }) => invariant),
  );

describe('The auditor', () => {
  it('has nothing to say where everything is as it should be', () => {
    const { violations, inFlight, judgements } = judge(good, {
      accepted: [confirmedId, cancelledId],
      mailboxIsWhole: true,
      noPoison: true,
    });
    expect(violations).toEqual([]);
    expect(inFlight).toEqual([]);
    const open = judgements
      .filter(({ verdict }) => verdict !== 'ok')
      .map(({ invariant, verdict }) => [invariant, verdict]);
    expect(open).toEqual([
      [12, 'nothing to check'],
      [17, 'not from outside'],
      [19, 'not from outside'],
      [20, 'not from outside'],
    ]);
  });

  it('takes a record that was sent twice for one event, and counts it', () => {
    const again = judge(published([...events, named('OrderConfirmed')]), { mailboxIsWhole: true });
    expect(again.violations).toEqual([]);
    expect(again.repeated).toBe(1);
  });

  it('says nothing about what it could not look at', () => {
    const { judgements } = judge({
      ...good,
      ledger: new Map(),
      business: { ...business, orders: new Map() },
    });
    expect(judgements[4]).toMatchObject({ invariant: 5, checked: 0, verdict: 'nothing to check' });
  });

  const wrong: readonly [says: string, invariant: number, evidence: Evidence][] = [
    ['an order with two ends', 3, andSo(tell(confirmedId, 3, 'OrderCancelled', { reason: 'OUT_OF_STOCK' }))],
    [
      'an order whose store says another end',
      3,
      orderIs(confirmedId, { events: ['OrderCreated', 'OrderCancelled'] }),
    ],
    [
      'an order without an end that nothing moves',
      3,
      orderIs(confirmedId, { status: 'PENDING', events: ['OrderCreated'] }),
    ],
    [
      'an order that gives another reason than its event',
      3,
      orderIs(cancelledId, { reason: 'OUT_OF_STOCK' }),
    ],
    ['events of no order', 3, andSo(tell('nobody', 1, 'OrderCreated'))],
    ['an order without a key', 2, orderIs(confirmedId, { keys: 0 })],
    ['a key that leads nowhere', 2, stored({ noOrders: ['nobody'] })],
    ['units that came from nowhere', 4, stored({ stock: new Map([['SKU-0001', stock({ onHand: 9 })]]) })],
    ['less than nothing', 4, stored({ stock: new Map([['SKU-0001', stock({ onHand: -1, received: 1 })]]) })],
    [
      'units that are reserved for nobody',
      4,
      stored({ stock: new Map([['SKU-0001', stock({ onHand: 7, reserved: 1 })]]) }),
    ],
    ['a reservation that is gone', 4, stored({ reservations: new Map() })],
    [
      'a second charge',
      5,
      {
        ...good,
        ledger: new Map([
          ...good.ledger,
          [confirmedId, [charge(confirmedId, 0), { ...charge(confirmedId, 2_000), chargeId: 'again' }]],
        ]),
      },
    ],
    [
      'a charge that was never refunded',
      5,
      { ...good, ledger: new Map([...good.ledger, [cancelledId, [charge(cancelledId, 0)]]]) },
    ],
    [
      'an order that nobody paid',
      5,
      { ...good, ledger: new Map([[cancelledId, [charge(cancelledId, 2_000)]]]) },
    ],
    [
      'a charge of no order',
      5,
      { ...good, ledger: new Map([...good.ledger, ['nobody', [charge('nobody', 0)]]]) },
    ],
    [
      'a payment that stands wrong',
      5,
      stored({ payments: new Map([...business.payments, [confirmedId, 'refunded']]) }),
    ],
    ['a dispatch of a cancelled order', 6, andSo(tell(cancelledId, 2, 'ShipmentDispatched'))],
    ['a dispatch without a payment', 6, createEvidence(without(named('PaymentCompleted')))],
    ['an order that was never dispatched', 6, createEvidence(without(named('ShipmentDispatched')))],
    [
      'a reservation that outlives its cancellation',
      7,
      createEvidence(without(named('StockReservationCancelled', cancelledId))),
    ],
    [
      'a reservation that does not know of it',
      7,
      stored({
        reservations: new Map([
          ...business.reservations,
          [cancelledId, { state: 'reserved', lines: 'SKU-0001 2' }],
        ]),
      }),
    ],
    [
      'a mail twice',
      8,
      mails(
        confirmedId,
        delivered('order-confirmation'),
        delivered('order-confirmation'),
        delivered('shipment-scheduled'),
      ),
    ],
    ['a mail that is missing', 8, mails(confirmedId, delivered('shipment-scheduled'))],
    [
      'a mail of another end',
      8,
      mails(
        confirmedId,
        delivered('order-confirmation'),
        delivered('order-cancelled'),
        delivered('shipment-scheduled'),
      ),
    ],
    [
      'a mail to somebody else',
      8,
      mails(
        confirmedId,
        delivered('order-confirmation', 'egil@customers.example'),
        delivered('shipment-scheduled'),
      ),
    ],
    ['a mail of no order', 8, mails('nobody', delivered('order-confirmation'))],
    ['an event that was committed and never published', 9, published(without(named('ShipmentDispatched')))],
    [
      'an event that was published and never committed',
      9,
      changed(named('StockShipped'), { id: 'rolled-back' }),
    ],
    [
      'an event beyond what its writer has given out',
      9,
      published([...events, tell(confirmedId, 3, 'OrderConfirmed')]),
    ],
    [
      'an event by another service',
      9,
      { ...good, impostors: [{ place: `${orders}/0@1`, key: confirmedId, says: 'OrderCreated is by e2e' }] },
    ],
    ['a gap in a sequence', 10, changed(named('StockShipped'), { sequence: 3 })],
    ['two events with one sequence', 10, published([...events, tell(confirmedId, 2, 'StockShipped')])],
    [
      'an event behind a later one',
      10,
      published([...without(named('OrderCreated')), named('OrderCreated')]),
    ],
    ['a key in two partitions', 10, changed(named('OrderConfirmed'), { record: { ...ended, partition: 5 } })],
    [
      'a record that nobody can read',
      10,
      {
        ...good,
        strays: [
          {
            topic: orders,
            partition: 0,
            offset: 999,
            key: 'k',
            sequence: undefined,
            at: takenAt,
            why: 'noise',
          },
        ],
      },
    ],
    ['an inbox ahead of its topic', 11, applied('inventory', orders, 3)],
    ['a step that was taken twice', 11, andSo(tell(confirmedId, 3, 'StockShipped'))],
    ['a history without an event', 11, orderIs(confirmedId, { history: {} })],
    ['an event that was consumed, and neither applied nor parked', 13, applied('inventory', orders, 1)],
    ['a parked message without a dead letter', 13, withKernel(good, 'payment', { parked: [parked()] })],
    ['a dead letter with other bytes', 13, lettered(letter({ digests: ['k other h'] }))],
    ['a dead letter twice', 13, lettered(letter({ repeated: 1 }))],
    [
      'a parked key that went on',
      12,
      lettered(letter(), withKernel(good, 'payment', { parked: [parked()] })),
    ],
    ['poison that holds up its partition', 12, { ...parkedWell, committed: new Map() }],
    ['a dead letter that its topic refutes', 14, lettered(letter({ code: 'UNDECODABLE' }))],
    ['a gap that is none', 14, lettered(letter({ code: 'SEQUENCE_GAP' }))],
    [
      'an old record as the newest of a compacted topic',
      15,
      published(
        [tell('SKU-0001', 2, 'ProductListed'), ...events].map((event, _index, all) =>
          event === all[0]
            ? ({ ...event, data: named('ProductListed', 'SKU-0001').data } as TopicEvent)
            : event,
        ),
      ),
    ],
    ['a view that holds all of its order, and says otherwise', 16, viewed('PENDING')],
    ['a list that is no fold', 16, orderIs(confirmedId, { version: 3 })],
    [
      'a price that is not the one listed',
      16,
      stored({ products: new Map([['SKU-0001', { sequence: 1, fact: '1 EUR Mead' }]]) }),
    ],
    [
      'a schema that readers can not read',
      18,
      { ...good, schemas: [{ id: 7, event: 'OrderCreated', unreadable: 'no' }] },
    ],
  ];

  it.each(wrong)('sees %s (%i)', (_says, invariant, evidence) => {
    expect(broken(evidence)).toContain(invariant);
  });

  it('has nothing against a view that is right, or on its way (16)', () => {
    expect(broken(viewed('CONFIRMED'))).not.toContain(16);
    expect(broken(viewed('PENDING', 1))).not.toContain(16);
  });

  it('misses an order that was accepted (1)', () => {
    expect(broken(good, { accepted: ['01900000-0000-7000-8000-000000000003'] })).toEqual(new Set([1]));
  });

  it('takes any dead letter for a violation where nobody has sent poison (14)', () => {
    expect(broken(parkedWell, { noPoison: true })).toEqual(new Set([14]));
  });
});

describe('What is on its way', () => {
  const opinion = (evidence: Evidence, expectations: Expectations = {}) =>
    judge(evidence, { mailboxIsWhole: true, ...expectations });
  /** As far as the groups' offsets tell, nobody has consumed anything yet. */
  const unread = (evidence: Evidence): Evidence => ({ ...evidence, committed: new Map() });

  it('is no violation: an event that its reader has not applied, with the step that waits and whose it is', () => {
    const { violations, inFlight } = opinion(unread(applied('inventory', orders, 1)));
    expect(violations).toEqual([]);
    expect(inFlight).toMatchObject([
      {
        subject: confirmedId,
        service: 'inventory',
        step: 'ship',
        because: expect.stringContaining('OrderConfirmed'),
      },
    ]);
  });

  it('is stuck after a while', () => {
    const old = unread(applied('inventory', orders, 1));
    expect(opinion(old).stuck).toHaveLength(1);
    expect(opinion(old, { stuckAfterMs: 7 * 86_400_000 }).stuck).toEqual([]);
  });

  it('is an effect that is open: nothing else is said of its order meanwhile', () => {
    const effects = new Map([[cancelledId, [{ kind: 'refund', state: 'waiting', createdAt: takenAt }]]]);
    const refunding: Evidence = {
      ...withKernel(createEvidence(without(named('PaymentRefunded', cancelledId))), 'payment', { effects }),
      ledger: new Map([...good.ledger, [cancelledId, [charge(cancelledId, 0)]]]),
    };
    const { violations, inFlight } = opinion(refunding);
    expect(violations).toEqual([]);
    expect(inFlight).toMatchObject([{ subject: cancelledId, service: 'payment', step: 'refund' }]);
  });

  it('is what waits in an outbox', () => {
    const lacking = published(without(named('ShipmentDispatched')));
    const outboxes = new Map([...lacking.outboxes].map(([service, look]) => [service, { ...look, low: 0 }]));
    const kernels = [...lacking.kernels].map(
      ([service, kernel]) => [service, { ...kernel, low: 0 }] as const,
    );
    const { violations, inFlight } = opinion(
      // Nobody can have applied what is not published.
      applied(
        'order',
        topicOf('ShipmentDispatched'),
        1,
        unread({ ...lacking, outboxes, kernels: new Map(kernels) }),
      ),
    );
    expect(violations.filter(({ invariant }) => invariant !== 11)).toEqual([]);
    expect(inFlight).toMatchObject([{ subject: confirmedId, service: 'shipping', step: 'publish' }]);
  });

  it('is an order whose end came while the audit read', () => {
    const stale = orderIs(confirmedId, { status: 'PENDING', events: ['OrderCreated'], version: 1 });
    const older = withInbox(stale, 'order', confirmedId, ({ published: given, ...row }, ordinals) => ({
      ...row,
      published: given.map((mark, ordinal) => (ordinal === ordinals.get(orders) ? 1 : mark)),
    }));
    const second = { orders: new Set<string>(), published: new Map([[`${orders} ${confirmedId}`, 2]]) };
    const { violations, inFlight } = opinion({ ...older, second });
    expect(violations).toEqual([]);
    expect(inFlight).toMatchObject([{ subject: confirmedId, service: 'order', step: 'confirm' }]);
  });

  it('is a key that is parked: it waits for whoever redrives it', () => {
    const { violations, stuck } = opinion(parkedWell);
    expect(violations).toEqual([]);
    expect(stuck.map(({ because }) => because).join()).toContain('is parked (NONSENSE)');
  });

  it('is not an order with a message that an operator has discarded: nothing is expected of it', () => {
    const lost = createEvidence(without(named('StockReservationCancelled', cancelledId)));
    const letters = new Map([['one', letter({ key: cancelledId, resolution: 'discarded' })]]);
    expect(broken({ ...lost, letters }).has(7)).toBe(false);
  });
});

describe('A horizon', () => {
  it('lets an outbox that has lost its beginning say nothing about what is older', () => {
    const outboxes = new Map(
      [...good.outboxes].map(([service, look]) => [
        service,
        { ...look, firstPosition: 4097, firstAt: takenAt },
      ]),
    );
    const old = changed(named('StockShipped'), { id: 'not-in-any-entry' });
    const other = named('StockShipped').id;
    const judged = judge({ ...old, outboxes }, { mailboxIsWhole: true });
    expect(other).not.toBe('not-in-any-entry');
    expect(judged.violations).toEqual([]);
  });

  it('lets a mailbox that was emptied miss nothing, unless it is known to be whole', () => {
    const emptied = {
      ...good,
      mailbox: { byOrder: new Map(), mails: 0, others: 0, since: Number.POSITIVE_INFINITY },
    };
    expect(broken(emptied, { mailboxIsWhole: false })).toEqual(new Set());
    expect(judge(emptied).deletedMails).toBe(4);
    expect(broken(emptied)).toEqual(new Set([8]));
  });

  it('lets a partition whose beginning was deleted begin late', () => {
    const late = published(without(named('OrderCreated')));
    expect(broken(late)).toContain(10);
    const starts = new Map([[`${orders}/0`, 5]]);
    expect(broken({ ...late, starts })).not.toContain(10);
  });
});
