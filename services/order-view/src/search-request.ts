import { type Filter, facetLimit, facetSkus, type Place, type Search } from './order-store.ts';
import { idPrefixOf, idRange, wordsOf } from './terms.ts';

/** The queries of order-store.ts in the search engine's own language: all of them filters, nothing is ranked. */

export const searchRequest = ({ filter, sort, limit, after }: Search): object => ({
  query: matching(filter),
  sort: inOrder(sort === 'newest' ? 'desc' : 'asc'),
  size: limit,
  ...(after !== undefined && { search_after: [after.placedAt, after.orderId] }),
  track_total_hits: false,
});

/**
 * When the last order was placed that facets are counted over, and whether there are more. By time alone: to sort ten thousand
 * by their ids, too, costs ten times as much.
 */
export const facetEdgeRequest = (filter: Filter): object => ({
  query: matching(filter),
  sort: [{ placedAt: 'desc' }],
  from: facetLimit - 1,
  size: 1,
  _source: false,
  track_total_hits: facetLimit + 1,
});

/** Of the orders of one moment the first that is counted: `surplus` of them are not. */
export const facetTieRequest = (filter: Filter, placedAt: number, surplus: number): object => ({
  query: all(matching(filter), equal('placedAt', placedAt)),
  sort: [{ orderId: 'asc' }],
  from: Math.min(surplus, facetLimit - 1),
  size: 1,
  _source: false,
  track_total_hits: false,
});

/** Where counting ends: the oldest order that is counted, or the oldest moment of which all are. */
export type FacetEdge = Pick<Place, 'placedAt'> & Partial<Place>;

export const facetRequest = (filter: Filter, edge: FacetEdge | undefined): object => ({
  query: edge === undefined ? matching(filter) : all(matching(filter), upTo(edge)),
  size: 0,
  track_total_hits: true,
  aggs: {
    status: { terms: { field: 'status', size: 10 } },
    waitsFor: { terms: { field: 'waitsFor', size: 100 } },
    sku: { terms: { field: 'skus', size: facetSkus } },
  },
});

/** Orders whose newest version lies there, in the order of the log. */
export const changesRequest = (partition: number, offset: number, limit: number): object => ({
  query: all(equal('partition', partition), { range: { offset: { gte: offset } } }),
  sort: [{ offset: 'asc' }],
  size: limit,
  track_total_hits: false,
});

const inOrder = (direction: 'asc' | 'desc') => [{ placedAt: direction }, { orderId: direction }];

const all = (...clauses: readonly object[]): object => ({ bool: { filter: clauses } });
const equal = (field: string, value: string | number): object => ({ term: { [field]: value } });

const upTo = ({ placedAt, orderId }: FacetEdge): object =>
  orderId === undefined
    ? { range: { placedAt: { gte: placedAt } } }
    : {
        bool: {
          should: [
            { range: { placedAt: { gt: placedAt } } },
            all(equal('placedAt', placedAt), { range: { orderId: { gte: orderId } } }),
          ],
        },
      };

function matching(filter: Filter): object {
  const { customerId, sku, status, waitsFor, currency, minAmount, maxAmount, from, to, text } = filter;
  const equals = { customerId, skus: sku, status, waitsFor, currency };
  const ranges = { amount: { gte: minAmount, lte: maxAmount }, placedAt: { gte: from, lt: to } };
  return all(
    ...Object.entries(equals).flatMap(([field, value]) => (value === undefined ? [] : [equal(field, value)])),
    ...Object.entries(ranges).flatMap(([field, bounds]) =>
      Object.values(bounds).every((bound) => bound === undefined) ? [] : [{ range: { [field]: bounds } }],
    ),
    ...(text === undefined ? [] : matchingText(text)),
  );
}

/** A text without a word in it matches nothing. */
function matchingText(text: string): object[] {
  const digits = idPrefixOf(text);
  if (digits !== undefined) {
    const [gte, lte] = idRange(digits);
    return [{ range: { orderId: { gte, lte } } }];
  }
  const words = wordsOf(text);
  return words.length === 0 ? [{ match_none: {} }] : words.map((word) => equal('words', word));
}
