import { setTimeout as delay, setImmediate as nextImmediate } from 'node:timers/promises';
import { uuidv7 } from 'uuidv7';

/** All that the kernel knows of clocks, timers and chance. */
export interface Time {
  /** Epoch ms. May jump. */
  now(): number;
  /** ms from some beginning; never jumps. */
  monotonic(): number;
  /** From 0 up to 1, without it. */
  random(): number;
  /** A new UUIDv7. */
  newId(): string;
  /** Waits; ends at once, without an error, when the signal aborts. */
  pause(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls back once, after so many ms; the answer calls it off. */
  after(ms: number, callback: () => void): () => void;
  /** Once the I/O that is at hand has been taken in. */
  nextTurn(): Promise<void>;
  /** Once all that can go on without I/O has gone on. */
  microtasksDone(): Promise<void>;
}

const realTime: Time = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
  newId: uuidv7,
  async pause(ms, signal) {
    await delay(ms, undefined, signal === undefined ? undefined : { signal }).catch((error: unknown) => {
      if (signal?.aborted !== true) throw error;
    });
  },
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  nextTurn: () => nextImmediate(),
  microtasksDone: () => new Promise((resolve) => process.nextTick(resolve)),
};

/** Nobody in the kernel looks at a clock, waits or rolls dice but through this. */
export let time: Time = realTime;

/**
 * The simulator owns time: each timer and each turn of the process is an event of its own, that its seed puts in order. One
 * simulation at a time in a thread; nothing else ever calls this.
 */
export function replaceTime(replacement: Time): void {
  time = replacement;
}

export const newId = (): string => time.newId();
