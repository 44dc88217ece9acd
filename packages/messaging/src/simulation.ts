/** For tests/simulation: the kernel's own control flow, to be put upon an in-memory world; for nobody in production. */
export {
  type Connection,
  createDatabase,
  type Database,
  type Queryable,
  type Statement,
} from './database.ts';
export {
  adoptEffects,
  completeEffects,
  forgottenEffects,
  insertEffects,
  resetEffect,
  startEffects,
} from './effect-store.ts';
export { createEntryPacker, type LogRecord, type RecordToSend, readRecord, unpackEntry } from './entry.ts';
export { PoisonError, TransientError } from './errors.ts';
export { type LockedInbox, lockInbox } from './inbox.ts';
export { createKafkaClient } from './kafkajs-client.ts';
export { composeKernel, type Kernel, type KernelAdapters, type KernelOptions } from './kernel.ts';
export { BEAT, FORGET } from './liveness.ts';
export type {
  ConsumedRecord,
  ConsumerHandler,
  LogAdmin,
  LogClient,
  LogConsumer,
  LogProducer,
  PartitionOffset,
  RecordBatch,
  TopicPartition,
} from './log-client.ts';
export type { KernelMetrics } from './metrics.ts';
export { migrate } from './migrate.ts';
export { HORIZON, insertEntry, LOOK } from './outbox.ts';
export {
  edit,
  expireResolved,
  fail,
  findOpen,
  findResolved,
  park,
  readQueue,
  resolve,
} from './parking.ts';
export { createProgress } from './progress.ts';
export type { Registry } from './registry.ts';
export { acquireLease, type Lease } from './relay-lease.ts';
export { replaceTime, type Time } from './time.ts';
