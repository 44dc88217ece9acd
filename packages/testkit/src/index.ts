export { type Databases, openDatabases } from './databases.ts';
export { createEmailNotification } from './email-notification.ts';
export { createEventDecoder, type EventDecoder, type TopicEvent } from './event-decoder.ts';
export { eventually, type Patience } from './eventually.ts';
export { type Answer, ask, type Request, send } from './http.ts';
export type { Evidence } from './invariants/evidence.ts';
export { templatesFor } from './invariants/mails.ts';
export type { Violation } from './invariants/violation.ts';
export { checkInvariants, type Expectations } from './invariants.ts';
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
  type Charge,
  createShop,
  type Mail,
  type OrderStatus,
  type OrderSummary,
  type OrderView,
  type PlacedOrder,
  type ProblemView,
  type Shop,
  type StockView,
} from './shop.ts';
export { createTestDatabase, type TestDatabase } from './test-database.ts';
export { createTopicReader, type TopicReader, type TopicRecord } from './topic-reader.ts';
