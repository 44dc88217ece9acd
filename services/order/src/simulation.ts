/** For tests/simulation and packages/replay: what this service consists of, apart from HTTP and its process. */
export { createCatalogue } from './catalogue.ts';
export type { CancelReply, Order, OrderEvent, PlaceOrder } from './order.ts';
export { evolve, initialState } from './order.ts';
export { createPlacing, type Placing } from './placing.ts';
export { orderExists, overdueOrders } from './queries.ts';
export { createReactor } from './reactor.ts';
export type { PlaceOrderBody } from './request.ts';
export { claimId, emptyWorld } from './world.ts';
