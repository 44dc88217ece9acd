export { type Databases, openDatabases } from './databases.ts';
export { createEmailNotification } from './email-notification.ts';
export { eventually, type Patience } from './eventually.ts';
export { createFakeTerminal, type FakeTerminal } from './fake-terminal.ts';
export { type Answer, ask, type Request, send } from './http.ts';
export { createCustomer, createOrderRequest, type Item, type OrderRequest } from './order-request.ts';
export { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from './otlp-receiver.ts';
export { waitForRest } from './rest.ts';
export { createSeededRandom, type SeededRandom } from './seeded-random.ts';
export {
  type ConnectedStack,
  connectStack,
  type SharedStack,
  serveStack,
  shareStack,
  type TestStack,
} from './shared-stack.ts';
export {
  createShop,
  type OrderStatus,
  type OrderSummary,
  type OrderView,
  type PlacedOrder,
  type ProblemView,
  type Shop,
  type StockView,
} from './shop.ts';
export { createTestDatabase, type TestDatabase } from './test-database.ts';
