import { createSeededRandom, type SeededRandom } from '@skald/testkit';

/** One process of the simulation: what it waits for vanishes when it dies. */
export interface Process {
  readonly name: string;
  alive: boolean;
  /** Nothing of it moves until then, virtual ms. */
  pausedUntil: number;
  /** How far its wall clock is off, ms. */
  clockSkew: number;
}

/** Something that happens at a moment, unless its process has died by then. */
export interface Step {
  at: number;
  readonly number: number;
  /** Undefined: of the world, which never dies. */
  readonly process: Process | undefined;
  readonly label: string;
  run: (() => void) | undefined;
}

/**
 * One queue of all that is going to happen, in order of virtual time. How long anything takes is drawn from the seed, so
 * the seed alone decides what comes before what. Between two steps everything that can go on without waiting goes on.
 */
export interface Scheduler {
  readonly random: SeededRandom;
  /** Virtual ms since the beginning. */
  readonly now: number;
  /** Steps taken so far. */
  readonly steps: number;
  /** Whose step is being taken. */
  readonly current: Process | undefined;
  /** Rises and falls with every step taken: two runs that are the same have the same. */
  readonly hash: number;
  schedule(ms: number, process: Process | undefined, label: string, run: () => void): Step;
  /** How long a message takes on its way, ms. */
  latency(): number;
  /** True once in so many times, as the seed decides. */
  oneIn(count: number): boolean;
  /** Called before the next step, once nothing goes on by itself any more. */
  beforeNextStep(callback: () => void): void;
  /**
   * An answer comes in: mostly within this very step, as mostly nothing that matters happens between the work and its
   * answer; what may happen in between is shown by the rest. Answers `true` where it is a step of its own.
   */
  answer(process: Process, label: string, run: () => void): boolean;
  /** Takes steps until told to stop. Throws where nothing is left to happen. */
  run(isOver: () => boolean): Promise<void>;
  /** Says something in the trace, where one is kept. */
  tell(line: string): void;
  readonly isTraced: boolean;
}

export interface SchedulerOptions {
  readonly seed: number;
  /** One message in so many takes long; 0: none does. */
  readonly slowOneIn: number;
  /** How long it may take then, ms. */
  readonly slowMs: number;
  readonly trace?: string[] | undefined;
}

export function createScheduler({ seed, slowOneIn, slowMs, trace }: SchedulerOptions): Scheduler {
  const random = createSeededRandom(seed);
  const heap: Step[] = [];
  let now = 0;
  let steps = 0;
  let numbers = 0;
  let hash = 0x811c9dc5;
  let current: Process | undefined;
  let turns: (() => void)[] = [];

  const push = (step: Step) => {
    let index = heap.length;
    heap.push(step);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Step;
      if (!isBefore(step, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = step;
  };

  const pop = (): Step | undefined => {
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || first === last) return first;
    const length = heap.length;
    let index = 0;
    for (let child = 1; child < length; child = index * 2 + 1) {
      const right = child + 1;
      if (right < length && isBefore(heap[right] as Step, heap[child] as Step)) child = right;
      const below = heap[child] as Step;
      if (!isBefore(below, last)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
    return first;
  };

  /** The next step that is taken, past what was called off, died, or has to wait for a paused process. */
  const next = (): Step => {
    for (let step = pop(); step !== undefined; step = pop()) {
      const { process } = step;
      if (step.run === undefined || process?.alive === false) continue;
      if (process === undefined || process.pausedUntil <= step.at) return step;
      step.at = process.pausedUntil;
      if (step.at !== Number.POSITIVE_INFINITY) push(step);
    }
    throw new Error('nothing is left to happen');
  };

  const take = (step: Step) => {
    now = step.at;
    steps += 1;
    hash = Math.imul(hash ^ step.number ^ (step.at * 1000), 0x01000193);
    current = step.process;
    trace?.push(`${now.toFixed(2).padStart(10)} ${(step.process?.name ?? '').padEnd(12)} ${step.label}`);
    step.run?.();
  };

  const scheduler: Scheduler = {
    random,
    isTraced: trace !== undefined,
    get now() {
      return now;
    },
    get steps() {
      return steps;
    },
    get current() {
      return current;
    },
    get hash() {
      return hash >>> 0;
    },
    schedule(ms, process, label, run) {
      const step = { at: now + ms, number: numbers, process, label, run };
      numbers += 1;
      push(step);
      return step;
    },
    latency() {
      const dice = random.next();
      if (slowOneIn > 0 && dice * slowOneIn < 1) return dice * slowOneIn * slowMs;
      return 0.1 + dice * 2;
    },
    oneIn: (count) => random.next() * count < 1,
    beforeNextStep: (callback) => {
      turns.push(callback);
    },
    tell: (line) => {
      trace?.push(`${now.toFixed(2).padStart(10)} ${' '.repeat(12)}   ${line}`);
    },
    answer(process, label, run) {
      if (!process.alive) return false;
      if (process.pausedUntil > now || scheduler.oneIn(6)) {
        scheduler.schedule(scheduler.latency(), process, label, run);
        return true;
      }
      current = process;
      run();
      return false;
    },
    run: (isOver) =>
      new Promise((resolve, reject) => {
        // A tick comes once no microtask is left: whatever the step has set going has gone on as far as it can.
        const settle = () => process.nextTick(go);
        const go = () => {
          try {
            if (turns.length > 0) {
              const waiting = turns;
              turns = [];
              for (const callback of waiting) callback();
            } else if (isOver()) return resolve();
            else take(next());
            queueMicrotask(settle);
          } catch (error) {
            reject(error);
          }
        };
        go();
      }),
  };
  return scheduler;
}

const isBefore = (one: Step, other: Step): boolean =>
  one.at < other.at || (one.at === other.at && one.number < other.number);
