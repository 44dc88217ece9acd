export {
  type Connection,
  createDatabase,
  type Database,
  inTransaction,
  type Queryable,
  type Statement,
} from './database.ts';
export { FatalError, MessagingError, OverloadError, PoisonError, TransientError } from './errors.ts';
export { createEventReader, type EventReader } from './event-reader.ts';
export { createEventViewer, type EventContent, type EventViewer, textOrHex } from './event-viewer.ts';
export { type Failure, failures } from './failures.ts';
export { createFollower, type Follower, type FollowerOptions, followRecords } from './follower.ts';
export type { CommandInput, EventInput, Input, OutcomeInput } from './input.ts';
export { createInputReader, type InputReader } from './input-reader.ts';
export type { Reading } from './item.ts';
export { createRangeReader, type RangeReader } from './kafkajs-reader.ts';
export {
  createKernel,
  type Kernel,
  type KernelCheck,
  type KernelOptions,
  type KernelSettings,
  type KernelStatus,
  type NewCommand,
} from './kernel.ts';
export type { ConsumedRecord, PartitionOffset, TopicPartition } from './log-client.ts';
export { createSurroundings, type Neighbour, type Neighbours, type Surroundings } from './neighbours.ts';
export { keyText } from './parking.ts';
export type { RelayMode } from './publisher.ts';
export type {
  Decision,
  DecisionContext,
  EffectRunner,
  NewEffect,
  NewEvent,
  Reactor,
} from './reactor.ts';
export type { RecordFollower, RecordFollowerOptions } from './record-follower.ts';
export { createStanding, isPublished, outboxEnd, type Standing } from './standing.ts';
export { createTail, type Tail, type TailOptions, type TailStatus } from './tail.ts';
export { newId } from './time.ts';
