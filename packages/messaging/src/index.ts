export type { Connection, Queryable, Statement } from './database.ts';
export { FatalError, MessagingError, OverloadError, PoisonError, TransientError } from './errors.ts';
export { createEventViewer, type EventContent, type EventViewer, textOrHex } from './event-viewer.ts';
export { type Failure, failures } from './failures.ts';
export { createFollower, type Follower, type FollowerOptions } from './follower.ts';
export type { CommandInput, EventInput, Input, OutcomeInput } from './input.ts';
export {
  createKernel,
  type Kernel,
  type KernelCheck,
  type KernelOptions,
  type KernelSettings,
  type KernelStatus,
  type NewCommand,
} from './kernel.ts';
export type { ConsumedRecord } from './log-client.ts';
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
export { newId } from './time.ts';
