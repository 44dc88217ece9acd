export { uuidv7 as newId } from 'uuidv7';
export type { Queryable, Statement } from './database.ts';
export { FatalError, MessagingError, OverloadError, PoisonError, TransientError } from './errors.ts';
export { type Failure, failures } from './failures.ts';
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
export type { RelayMode } from './publisher.ts';
export type {
  Decision,
  DecisionContext,
  EffectRunner,
  NewEffect,
  NewEvent,
  Reactor,
} from './reactor.ts';
