import type { Logger } from 'pino';
import { backoffMs, createSleeper, pause } from './backoff.ts';
import { notSaved } from './batch.ts';
import type { Connection, Database } from './database.ts';
import { FatalError, OverloadError, TransientError } from './errors.ts';
import type { CommandItem, Item } from './item.ts';
import { MassFailure } from './mass-failure.ts';
import type { Reaction, ReactionReport } from './reaction.ts';
import { createReactionQueue } from './reaction-queue.ts';
import { time } from './time.ts';

export interface ReactionLoopOptions {
  readonly database: Database;
  readonly reaction: Reaction;
  readonly logger: Logger;
  /** After each commit. */
  onCommitted(report: ReactionReport, items: readonly Item[]): void;
  /** A FatalError: the process must end. */
  onFatal(error: Error): void;
  /** Messages are neither taken in nor parked any more; commands and outcomes are. */
  onMassFailure(error: MassFailure): void;
  /** Keys of one transaction, and as many again that have lingered. Default 500. */
  readonly maxKeys?: number;
  /** Commands that may wait; more are refused. Default 2000. */
  readonly maxCommands?: number;
}

export interface ReactionLoop {
  add(items: readonly Item[]): void;
  /** Throws OverloadError when too many commands wait. */
  submit(item: CommandItem): void;
  readonly waiting: number;
  /**
   * Settles when the next transaction is done, and the rest behind it is over; as soon as it begins, where it takes in
   * many; or once only what lingers waits. Undefined where nothing is under way, and nothing urgent waits.
   */
  readonly turn: Promise<void> | undefined;
  /** What the loop is held up by, if it is. */
  readonly heldUpBy: string | undefined;
  /** Finishes what waits, unless an outage holds it up: then commands are refused, and messages are not done. */
  stop(): Promise<void>;
}

/** A command that has waited this long for an outage to end is answered with it, ms. */
const COMMAND_PATIENCE_MS = 5_000;
/** What nobody waits for gathers for so long, ms: a key costs a transaction the same for one input and for five. */
export const LINGER_MS = 250;
/** Behind a transaction, ms: what comes meanwhile shares the next. Of all that one costs, most is that processes wake up for it. */
export const REST_MS = 5;
/** So many inputs are worth a transaction: no rest behind them, and the next fetch beside them. */
const MANY = 64;
/** Deadlocks and conflicts are gone after so many attempts; an outage isn't. */
const SHORT_ATTEMPTS = 3;

/**
 * One transaction after the other. While one is under way the next batch gathers: a lone input waits for nothing, unless
 * it lingers, and under load a commit is shared by hundreds. What lingers waits on its own, and holds up nobody.
 */
export function createReactionLoop(options: ReactionLoopOptions): ReactionLoop {
  const { database, reaction, logger, maxKeys = 500, maxCommands = 2_000 } = options;
  const queue = createReactionQueue({ maxKeys, lingerMs: LINGER_MS, clock: () => time.monotonic() });
  let connection: Connection | undefined;
  let running: Promise<void> | undefined;
  /** Of what waits; of what is being taken in. */
  let next: Turn | undefined;
  let current: Turn | undefined;
  const lingering = createSleeper();
  const resting = createSleeper();
  let heldUpBy: string | undefined;
  /** Nothing is done any more: behind one that was given up, an item would be a gap in its key. */
  let isOver = false;
  /** Messages are not done any more. */
  let takesMessages = true;
  const stopping = new AbortController();

  const usableConnection = async (): Promise<Connection> => {
    if (connection?.usable) return connection;
    await connection?.close();
    connection = await database.connect();
    return connection;
  };

  const commit = (report: ReactionReport, items: readonly Item[]) => {
    options.onCommitted(report, items);
    for (const item of items) {
      if (item.kind !== 'command') {
        item.done();
        continue;
      }
      const reply = report.replies.get(item);
      if (reply !== undefined && 'error' in reply) item.failed(reply.error);
      else item.done(reply?.reply);
    }
  };

  /**
   * One transaction; where something in it can't be saved, halves, until it is found. Items finish in their order:
   * `finished` is told how many more have.
   */
  const react = async (items: readonly Item[], finished: (count: number) => void): Promise<void> => {
    const current = await usableConnection();
    const report = await reaction.run(current, items).catch((error: unknown) => {
      if (error instanceof TransientError || error instanceof FatalError || error instanceof MassFailure)
        throw error;
      return { unsaveable: error };
    });
    if (!('unsaveable' in report)) {
      commit(report, items);
      return finished(items.length);
    }
    const [item] = items;
    if (item !== undefined && items.length === 1) {
      await reactAlone(current, item, report.unsaveable);
      return finished(1);
    }
    const middle = items.length >> 1;
    await react(items.slice(0, middle), finished);
    await react(items.slice(middle), finished);
  };

  /** The one item that can't be saved. */
  const reactAlone = async (current: Connection, item: Item, error: unknown): Promise<void> => {
    logger.error({ err: error, key: item.key }, 'a reaction cannot be saved');
    if (item.kind === 'command') return item.failed(error);
    if (item.kind === 'outcome') throw new FatalError('OUTCOME_NOT_SAVED', String(error), { cause: error });
    commit(await reaction.park(current, item, notSaved(error)), [item]);
  };

  /** Commands don't wait for an outage to end: their callers would rather know. Answers what is left. */
  const refuseImpatient = (items: readonly Item[], error: unknown): Item[] =>
    items.filter((item) => {
      if (item.kind !== 'command') return true;
      if (!stopping.signal.aborted && time.now() - item.input.time < COMMAND_PATIENCE_MS) return true;
      item.failed(error);
      return false;
    });

  const failAll = (items: readonly Item[], error: unknown) => {
    for (const item of items) if (item.kind === 'command') item.failed(error);
  };

  /** What it fails on isn't done, nor is what comes behind it: another build will read all of that again. */
  const refuseMessages = (error: MassFailure) => {
    takesMessages = false;
    for (const item of withoutMessages(queue.takeAll())) queue.add(item);
    options.onMassFailure(error);
  };

  /** Until it has committed, however long an outage lasts. Throws what no patience helps, or a stop doesn't wait for. */
  const reactUntilDone = async (batch: readonly Item[]): Promise<void> => {
    let items = batch;
    for (let attempt = 1; items.length > 0; attempt += 1) {
      let done = 0;
      try {
        await react(items, (count) => {
          done += count;
        });
        break;
      } catch (error) {
        items = items.slice(done);
        if (error instanceof MassFailure) {
          refuseMessages(error);
          items = withoutMessages(items);
          continue;
        }
        if (!(error instanceof TransientError)) {
          failAll(items, error);
          throw error;
        }
        if (attempt >= SHORT_ATTEMPTS) {
          items = refuseImpatient(items, error);
          for (const item of refuseImpatient(queue.takeAll(), error)) queue.add(item);
          if (stopping.signal.aborted) throw error;
          heldUpBy = error.message;
          logger.warn({ err: error, attempt, items: items.length }, 'waiting for Postgres');
        }
        await pause(backoffMs(attempt, { initialMs: 10, maximumMs: 2_000 }), stopping.signal);
      }
    }
    heldUpBy = undefined;
  };

  const endTurns = () => {
    current?.end();
    next?.end();
    next = undefined;
  };

  const run = async (): Promise<void> => {
    try {
      while (queue.size > 0) {
        const ms = queue.lingersFor;
        if (ms > 0) {
          endTurns();
          await lingering.sleep(ms);
          continue;
        }
        // Inputs that arrive in the same turn share a transaction.
        await time.nextTurn();
        const batch = queue.take();
        current = next;
        next = undefined;
        if (batch.length >= MANY) current?.end();
        await reactUntilDone(batch);
        if (batch.length < MANY && !stopping.signal.aborted) await resting.sleep(REST_MS);
        current?.end();
      }
    } catch (error) {
      end(error);
      if (!(error instanceof TransientError)) {
        options.onFatal(error instanceof Error ? error : new Error(String(error)));
      }
    } finally {
      running = undefined;
      endTurns();
    }
  };

  const end = (error: unknown) => {
    isOver = true;
    failAll(queue.takeAll(), error);
  };

  const add = (arrived: readonly Item[]) => {
    const items = takesMessages ? arrived : withoutMessages(arrived);
    if (items.length === 0 || isOver) return;
    for (const item of items) queue.add(item);
    running ??= run();
    if (lingering.asleep && queue.lingersFor === 0) lingering.wake();
    // Its effect was decided by the last transaction: it doesn't pay for that one's rest.
    if (resting.asleep && items.some((item) => item.kind === 'outcome' && !item.lingers)) resting.wake();
  };

  return {
    add,
    submit(item) {
      if (stopping.signal.aborted || isOver)
        throw new OverloadError('STOPPING', 'the service is stopping', 1);
      if (queue.commands >= maxCommands)
        throw new OverloadError('TOO_MANY_COMMANDS', `${queue.commands} commands wait`, 1);
      add([item]);
    },
    get waiting() {
      return queue.size;
    },
    get turn() {
      if (running === undefined || lingering.asleep) return undefined;
      next ??= createTurn();
      return next.ended;
    },
    get heldUpBy() {
      return heldUpBy;
    },
    async stop() {
      stopping.abort();
      queue.hurry();
      lingering.wake();
      resting.wake();
      await running;
      end(new OverloadError('STOPPING', 'the service is stopping', 1));
      await connection?.close();
    },
  };
}

const withoutMessages = (items: readonly Item[]): Item[] => items.filter(({ kind }) => kind !== 'message');

interface Turn {
  readonly ended: Promise<void>;
  end(): void;
}

function createTurn(): Turn {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { ended, end };
}
