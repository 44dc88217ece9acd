import { groups, type OrderStatus, topicOf } from '@skald/contracts';
import type { Case } from '../case.ts';
import type { Heard } from '../evidence/chains.ts';
import { type Check, createFinding } from './violation.ts';

const catalogue = topicOf('ProductListed');
const views = topicOf('OrderReadModel');

/**
 * 16. A read model = the fold of its log; older never overwrites newer: order's list of orders folds its own events, in one
 * database and at all times; its copy of the catalogue folds `inventory.products`, once nothing moves for the product; a view
 * of an order that holds all of its events says what `orders.events` says of it.
 */
export const readModelsAreFolds: Check = (it) => {
  const finding = createFinding(16);
  const { business, chains } = it.evidence;
  for (const [id, { events, version, status }] of business.orders) {
    finding.look();
    if (version !== events.length)
      finding.blame(id, `is listed as ${status} in version ${version}, of ${events.length} events`);
  }
  for (const chain of chains.in(catalogue)) {
    const newest = chain.heard.find(({ sequence }) => sequence === chain.newest);
    if (it.applied('order', catalogue, chain.key) !== chain.newest || it.waits(chain.key).length > 0)
      continue;
    finding.look();
    const copy = business.products.get(chain.key);
    if (copy?.sequence !== chain.newest || copy.fact !== newest?.fact)
      finding.blame(
        chain.key,
        `is listed as ${newest?.fact} (${chain.newest}), order has ${copy?.fact} (${copy?.sequence})`,
      );
  }
  judgeViews(it, finding);
  return finding.done();
};

/** A view's version says how many events it holds: one that holds fewer is on its way, or nobody looks any more. */
function judgeViews({ evidence: { chains } }: Case, finding: ReturnType<typeof createFinding>): void {
  for (const { key, newest, heard } of chains.in(views)) {
    const events = groups['order-view'].flatMap((topic) => chains.of(topic, key)?.heard ?? []);
    if (events.length !== newest) continue;
    finding.look();
    const [says, is] = [heard.find(({ sequence }) => sequence === newest)?.fact, statusOf(events)];
    if (says !== is) finding.blame(key, `is ${is}, and its view of all its ${newest} events says ${says}`);
  }
}

function statusOf(events: readonly Heard[]): OrderStatus {
  const happened = (name: Heard['name']) => events.some((event) => event.name === name);
  if (happened('OrderCancelled')) return 'CANCELLED';
  return happened('OrderConfirmed') ? 'CONFIRMED' : 'PENDING';
}

/**
 * 18. An incompatible schema is refused before its first record: whatever schema the topics' records were written with, today's
 * readers can read it.
 */
export const schemasAreCompatible: Check = ({ evidence: { schemas } }) => {
  const finding = createFinding(18);
  for (const { id, event, unreadable } of schemas) {
    finding.look();
    if (unreadable !== undefined)
      finding.blame(
        event,
        `records were written with schema ${id}, which its readers can't read: ${unreadable}`,
      );
  }
  return finding.done();
};
