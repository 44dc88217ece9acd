import { topicOf } from '@skald/contracts';
import { type Check, createFinding } from './violation.ts';

const catalogue = topicOf('ProductListed');

/**
 * 16. A read model = the fold of its log; older never overwrites newer: order's list of orders folds its own events, in one
 * database and at all times; its copy of the catalogue folds `inventory.products`, once nothing moves for the product.
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
  return finding.done();
};

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
