import { sagaGraph, topicOf } from '@skald/contracts';
import type { Case } from '../case.ts';
import type { OrderRow } from '../evidence/business-rows.ts';
import { placeOf } from '../evidence/evidence.ts';
import { orderTopics } from '../order-topics.ts';
import { type Check, createFinding } from './violation.ts';

const ownTopic = topicOf('OrderCreated');
const views = topicOf('OrderReadModel');
const ends = { PENDING: [], CONFIRMED: ['OrderConfirmed'], CANCELLED: ['OrderCancelled'] } as const;

const eventsFor = ({ status }: OrderRow): string => ['OrderCreated', ...ends[status]].join();

/** 1. Every order that was answered with 2xx exists; what an Idempotency-Key or an event leads to is an order. */
export const acceptedOrdersExist =
  (accepted: readonly string[]): Check =>
  ({ evidence: { business, second } }) => {
    const finding = createFinding(1);
    for (const id of accepted) {
      finding.look();
      if (!business.orders.has(id) && !second.orders.has(id))
        finding.blame(id, 'was accepted, and does not exist', 'lost');
    }
    return finding.done();
  };

/** Keys are kept for 25 hours. */
const KEYS_KEPT_MS = 24 * 60 * 60 * 1000;

/** 2. One Idempotency-Key of one caller, one order; as long as keys are kept. In one database: at all times. */
export const oneKeyOneOrder: Check = ({ evidence: { business, ignored, takenAt } }) => {
  const finding = createFinding(2);
  for (const [id, { keys, createdAt }] of business.orders) {
    if (keys === 0 && takenAt - createdAt > KEYS_KEPT_MS) continue;
    finding.look();
    if (keys !== 1) finding.blame(id, `has ${keys} keys`);
  }
  for (const id of business.noOrders) {
    if (!isLeftOut(ignored, id)) finding.blame(id, 'has a key, an event or a history, and is no order');
  }
  return finding.done();
};

/** What is left out on the topics has left its traces all the same: in the history, and in the view of what was told. */
const isLeftOut = (ignored: Case['evidence']['ignored'], id: string): boolean =>
  orderTopics.some(({ name }) => ignored.has(placeOf(name, id)));

/**
 * 3. Each order reaches exactly one end, by legal transitions. What is stored, at all times; that it has an end, and that
 * its topic says the same, once nothing moves for it.
 */
export const eachOrderHasOneEnd: Check = (it) => {
  const finding = createFinding(3);
  const { business, chains, ignored, second } = it.evidence;
  for (const [id, order] of business.orders) {
    finding.look();
    if (order.events.join() !== eventsFor(order))
      finding.blame(id, `is ${order.status}, its store says ${order.events.join()}`);
    const end = chains.of(ownTopic, id)?.heard.filter(({ sequence }) => sequence > 1) ?? [];
    if (end.length > 1) finding.blame(id, `has ${end.length} ends: ${end.map(({ name }) => name).join()}`);
  }
  for (const [id, order] of it.settled) {
    if (order.status === 'PENDING') {
      finding.blame(
        id,
        `has no end, and nothing moves any more: it waits for ${missingStep(it, id)}`,
        'lost',
      );
      continue;
    }
    const names = chains.of(ownTopic, id)?.heard.map(({ name }) => name) ?? [];
    if (names.join() !== eventsFor(order))
      finding.blame(id, `is ${order.status}, its topic says ${names.join() || 'nothing'}`);
    const [cancelled] = it.told(id, 'OrderCancelled');
    if (cancelled && cancelled.fact !== order.reason)
      finding.blame(id, `gives ${order.reason} for its reason, its event ${cancelled.fact}`);
  }
  for (const { name } of orderTopics) {
    for (const { key, partition, heard } of chains.in(name)) {
      if (business.orders.has(key) || second.orders.has(key)) continue;
      if (name === views && isLeftOut(ignored, key)) continue;
      const at = `${name}/${partition}@${heard[0]?.offset}`;
      finding.blame(key, `has events (${at}), and is no order`);
    }
  }
  return finding.done();
};

/** The first step on the way to the end that has not been taken, and whose it is. */
export function missingStep(it: Case, id: string): string {
  const step = sagaGraph.find(
    ({ kind, publishes, onFailure, on }) =>
      (kind === 'compensable' || kind === 'pivot') &&
      on.length > 0 &&
      [...publishes, ...onFailure].every((name) => it.told(id, name).length === 0),
  );
  return step ? `${step.service}: ${step.verb}` : 'order: confirm';
}
