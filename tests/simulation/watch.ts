import type { Partition } from './log/log.ts';
import type { Process } from './scheduler.ts';

/**
 * Between which two steps it hurts most to be interrupted: the first is done, and whoever did it doesn't know it yet, or
 * has not done what follows from it.
 */
export const moments = [
  'transaction committed',
  'effect committed',
  'position drawn',
  'offsets committed',
  'about to send',
  'records taken',
  'call done',
] as const;

export type Moment = (typeof moments)[number];

/** What those in memory tell of what happens there. */
export interface Watch {
  /** Called as it happens. Faults that wait for such a moment strike then. */
  happened: (moment: Moment, process: Process) => void;
  /** A group has committed an offset of a partition; before, it had come to another one. */
  passed: (group: string, partition: Partition, before: number, offset: number) => void;
  /** Promises broken while it ran. */
  readonly broken: string[];
}

export const createWatch = (): Watch => ({
  happened: () => undefined,
  passed: () => undefined,
  broken: [],
});
