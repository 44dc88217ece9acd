/** For tests/simulation: what this service consists of, apart from HTTP and its process. */
export { createCatalogue } from './catalogue.ts';
export type { CancelReply } from './order.ts';
export { createPlacing, type Placing } from './placing.ts';
export { orderExists, overdueOrders } from './queries.ts';
export { createReactor } from './reactor.ts';
export type { PlaceOrderBody } from './request.ts';
