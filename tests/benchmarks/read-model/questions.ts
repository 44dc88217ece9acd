import type { Filter, OrderStore, Search } from '@skald/order-view/stores';
import { CUSTOMERS, customerOf, orderIdOf, placedAt, SKUS, skuOf, wordsOf } from './orders.ts';

/** One kind of thing that is asked. A search has its own words for each attempt, so that no cache answers. */
export interface Question {
  readonly name: string;
  ask(store: OrderStore, attempt: number): Promise<unknown>;
  /** What Postgres is to explain. */
  readonly explains: { readonly search?: Search; readonly facets?: Filter };
}

/** The default of `GET /orders`. */
const LIMIT = 20;
const DAY_MS = 86_400_000;

/** Spread over all there are. */
const spread = (attempt: number, below: number): number => (attempt * 7_919 + 13) % below;

export function questionsOn(orders: number): Question[] {
  const middle = (attempt: number) => Math.floor(orders / 2) + spread(attempt, Math.floor(orders / 4));
  const placeOf = (number: number) => ({ placedAt: placedAt(number), orderId: orderIdOf(number) });
  const day = (attempt: number) => {
    const from = placedAt(spread(attempt, orders));
    return { from, to: from + DAY_MS };
  };
  const word = (attempt: number) => wordsOf(spread(attempt, SKUS));
  const amounts = (attempt: number) => {
    const minAmount = 1_000 + spread(attempt, 30_000);
    return { minAmount, maxAmount: minAmount + 500 };
  };
  const search = (name: string, toSearch: (attempt: number) => Partial<Search>): Question => {
    const of = (attempt: number): Search => ({
      filter: {},
      sort: 'newest',
      limit: LIMIT + 1,
      ...toSearch(attempt),
    });
    return { name, ask: (store, attempt) => store.search(of(attempt)), explains: { search: of(1) } };
  };
  const filtered = (name: string, filter: (attempt: number) => Filter) =>
    search(name, (attempt) => ({ filter: filter(attempt) }));
  const facets = (name: string, filter: (attempt: number) => Filter): Question => ({
    name: `facets: ${name}`,
    ask: (store, attempt) => store.facets(filter(attempt)),
    explains: { facets: filter(1) },
  });
  const customer = (attempt: number) => customerOf(spread(attempt, CUSTOMERS));

  return [
    filtered('the newest', () => ({})),
    search('the oldest', () => ({ sort: 'oldest' })),
    filtered('customer', (attempt) => ({ customerId: customer(attempt) })),
    filtered('SKU', (attempt) => ({ sku: skuOf(spread(attempt, SKUS)) })),
    filtered('status, of few', () => ({ status: 'PENDING' })),
    filtered('status, of most', () => ({ status: 'CONFIRMED' })),
    filtered('who is waited for', () => ({ waitsFor: 'payment' })),
    filtered('text: a word', (attempt) => ({ text: word(attempt).split(' ')[attempt % 3] })),
    filtered('text: three words', (attempt) => ({ text: word(attempt) })),
    filtered('text: an id', (attempt) => ({ text: orderIdOf(spread(attempt, orders)) })),
    filtered('amount range', amounts),
    filtered('date range', day),
    filtered('customer, status and date', (attempt) => ({
      customerId: customer(attempt),
      status: 'CONFIRMED',
      ...day(attempt),
    })),
    filtered('SKU, word and amount', (attempt) => ({
      sku: skuOf(spread(attempt, SKUS)),
      text: word(attempt).split(' ')[1],
      ...amounts(attempt),
    })),
    search('deep page', (attempt) => ({ after: placeOf(middle(attempt)) })),
    search('deep page of a status', (attempt) => ({
      filter: { status: 'CANCELLED' },
      after: placeOf(middle(attempt)),
    })),
    search('deep page of a word', (attempt) => ({
      filter: { text: word(attempt).split(' ')[1] },
      after: placeOf(middle(attempt)),
    })),
    facets('all, the newest 10,000', () => ({})),
    facets('a word', (attempt) => ({ text: word(attempt).split(' ')[2] })),
    facets('a customer', (attempt) => ({ customerId: customer(attempt) })),
  ];
}
