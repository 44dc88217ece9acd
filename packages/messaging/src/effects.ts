import { setMaxListeners } from 'node:events';
import type { Logger } from 'pino';
import { backoffMs, pause } from './backoff.ts';
import type { Database } from './database.ts';
import {
  adoptEffects,
  forgottenEffects,
  resetEffect,
  type SavedEffect,
  startEffects,
} from './effect-store.ts';
import type { OutcomeItem } from './item.ts';
import type { EffectRunner } from './reactor.ts';
import { time } from './time.ts';
import type { Tracer } from './tracing.ts';

export type EffectRunners = Readonly<Record<string, EffectRunner<never, unknown>>>;

export interface EffectWorkerOptions {
  readonly database: Database;
  readonly runners: EffectRunners;
  /** This instance, as messaging.instances knows it. */
  readonly instance: string;
  readonly logger: Logger;
  readonly tracer: Tracer;
  readonly clock: () => number;
  readonly newId: () => string;
  onOutcome(item: OutcomeItem): void;
}

export interface EffectWorker {
  start(): void;
  /** Owned by this instance, and saved. */
  add(effects: readonly SavedEffect[]): void;
  /** The owner for new effects: nobody, where enough wait here already; they are adopted when there is room. */
  owner(count: number): string | null;
  /** Effects that wait or run here. */
  readonly open: number;
  /** Starts nothing more and waits for what runs, within the time given. What is left is adopted by others. */
  stop(graceMs: number): Promise<void>;
}

/** More wait in the database, unowned: an outage of a provider must not fill the memory. */
const MAX_OPEN = 5_000;
const SWEEP_MS = 2_500;
const DEFAULT_CONCURRENCY = 64;

interface Kind {
  readonly name: string;
  readonly runner: EffectRunner<unknown, unknown>;
  readonly waiting: { effect: SavedEffect; attempt: number }[];
  running: number;
  starting: boolean;
}

/** Executes effects outside of the transactions that decided them, and feeds their outcomes back as inputs. */
export function createEffectWorker(options: EffectWorkerOptions): EffectWorker {
  const { database, runners, instance, logger, tracer, clock, newId, onOutcome } = options;
  const kinds = new Map<string, Kind>(
    Object.entries(runners).map(([name, runner]) => [
      name,
      { name, runner: runner as EffectRunner<unknown, unknown>, waiting: [], running: 0, starting: false },
    ]),
  );
  const stopping = new AbortController();
  // One for each effect that runs, or pauses before it is tried again.
  setMaxListeners(0, stopping.signal);
  /**
   * Those that wait, run, or have an outcome that isn't saved yet. An instance that was thought dead adopts its own: they
   * must not run twice for that.
   */
  const held = new Set<string>();
  let idle: (() => void) | undefined;

  const finish = (effect: SavedEffect, outcome: unknown, traceparent: string | undefined) => {
    onOutcome({
      kind: 'outcome',
      key: effect.key,
      lingers: kinds.get(effect.kind)?.runner.lingers ?? false,
      effect,
      input: {
        kind: 'outcome',
        name: effect.kind,
        key: effect.key,
        data: outcome,
        id: newId(),
        time: clock(),
        correlationId: effect.correlationId,
        traceparent,
      },
      done: () => forget(effect),
    });
  };

  const forget = ({ kind, id }: SavedEffect) => held.delete(`${kind} ${id}`);

  const execute = async (kind: Kind, effect: SavedEffect, attempt: number): Promise<void> => {
    kind.running += 1;
    const span = tracer.start(effect.kind, effect, 'client');
    try {
      const { id, key, data } = effect;
      finish(effect, await kind.runner.run({ id, key, data, attempt }, stopping.signal), span.traceparent);
    } catch (error) {
      span.fail(error);
      await failed(kind, effect, attempt, error, span.traceparent);
    } finally {
      span.end();
      kind.running -= 1;
      if (kind.running === 0) idle?.();
      pump(kind);
    }
  };

  const failed = async (
    kind: Kind,
    effect: SavedEffect,
    attempt: number,
    error: unknown,
    traceparent: string | undefined,
  ) => {
    if (!kind.runner.repeatable) {
      if (!saysAgain(error)) {
        logger.error({ err: error, effect: effect.kind, key: effect.key }, 'nobody knows if it has happened');
        return finish(effect, kind.runner.unknown, traceparent);
      }
      // While it still counts as running: who stops waits for this, or it would look as if it had been begun.
      await resetEffect(database, effect, instance).catch(() => undefined);
    }
    void again(kind, effect, attempt, error);
  };

  /** It failed without an outcome: later again, for as long as it takes. */
  const again = async (kind: Kind, effect: SavedEffect, attempt: number, error: unknown) => {
    if (stopping.signal.aborted) return;
    // The stack says where we called from, which is always here; an outage has hundreds of these.
    const reason = error instanceof Error ? error.message : String(error);
    logger.warn({ effect: effect.kind, key: effect.key, attempt, reason }, 'an effect will be tried again');
    await pause(backoffMs(attempt), stopping.signal);
    kind.waiting.push({ effect, attempt: attempt + 1 });
    pump(kind);
  };

  /** Marks what must not run twice as begun, in one statement for all that may begin now. */
  const startUnrepeatable = async (kind: Kind, batch: Kind['waiting']) => {
    kind.starting = true;
    try {
      const ids = batch.map(({ effect }) => effect.id);
      const mayRun = new Set(await startEffects(database, kind.name, ids, instance));
      for (const { effect, attempt } of batch) {
        if (mayRun.has(effect.id)) void execute(kind, effect, attempt);
        else forget(effect);
      }
    } catch (error) {
      // Begun or not, nobody knows: the answer was lost with the connection. What waits still can be begun later.
      logger.warn({ err: error, effects: batch.length }, 'effects could not be begun');
      await pause(backoffMs(3), stopping.signal);
      kind.waiting.unshift(...batch);
    } finally {
      kind.starting = false;
      pump(kind);
    }
  };

  const pump = (kind: Kind) => {
    const free = (kind.runner.concurrency ?? DEFAULT_CONCURRENCY) - kind.running;
    if (stopping.signal.aborted || free <= 0 || kind.waiting.length === 0 || kind.starting) return;
    const batch = kind.waiting.splice(0, free);
    if (!kind.runner.repeatable) {
      void startUnrepeatable(kind, batch);
      return;
    }
    for (const { effect, attempt } of batch) void execute(kind, effect, attempt);
  };

  const add = (effects: readonly SavedEffect[]) => {
    const touched = new Set<Kind>();
    for (const effect of effects) {
      const kind = kinds.get(effect.kind);
      if (kind === undefined) {
        logger.error({ effect: effect.kind, key: effect.key }, 'nobody can execute this kind of effect');
        continue;
      }
      const name = `${effect.kind} ${effect.id}`;
      if (held.has(name)) continue;
      held.add(name);
      // Begun by one who died: it may have happened.
      if (effect.state === 'started' && !kind.runner.repeatable) {
        finish(effect, kind.runner.unknown, effect.traceparent ?? undefined);
        continue;
      }
      kind.waiting.push({ effect, attempt: 1 });
      touched.add(kind);
    }
    for (const kind of touched) pump(kind);
  };

  const sweep = async () => {
    for (let round = 1; !stopping.signal.aborted; round += 1) {
      try {
        const room = MAX_OPEN - held.size;
        const limit = Math.min(room, 500);
        if (limit > 0) {
          const adopted = await adoptEffects(database, instance, limit);
          add(adopted);
          // There may be more.
          if (adopted.length === limit) continue;
          if (round % 2 === 0) add(await forgottenEffects(database, instance, limit));
        }
      } catch (error) {
        logger.debug({ err: error }, 'effects could not be adopted');
      }
      await pause(SWEEP_MS, stopping.signal);
    }
  };

  return {
    start() {
      if (kinds.size > 0) void sweep();
    },
    add,
    owner: (count) => (held.size + count > MAX_OPEN ? null : instance),
    get open() {
      return held.size;
    },
    async stop(graceMs) {
      stopping.abort();
      const running = () => [...kinds.values()].some((kind) => kind.running > 0);
      if (!running()) return;
      await new Promise<void>((resolve) => {
        const callOff = time.after(graceMs, resolve);
        idle = () => {
          if (running()) return;
          callOff();
          resolve();
        };
      });
    },
  };
}

/** Only a runner that is certain that nothing has happened says so. */
const saysAgain = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'retryable' in error && error.retryable === true;
