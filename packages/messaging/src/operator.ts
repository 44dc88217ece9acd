import {
  type EventName,
  eventsOf,
  type MessageId,
  type Operator,
  type ParkedDetail,
  type RedriveAnswer,
  type Refusal,
  type TryAnswer,
} from '@skald/contracts';
import type { Logger } from 'pino';
import { backoffMs, createSleeper, pause } from './backoff.ts';
import type { Saved } from './batch.ts';
import type { Codec } from './codec.ts';
import type { Connection, Database } from './database.ts';
import type { Drain, DrainReport, TakeOptions } from './drain.ts';
import { encodeValue } from './encode-value.ts';
import { TransientError } from './errors.ts';
import { readContent, textOrHex } from './event-viewer.ts';
import { type Act, readLog } from './operator-log.ts';
import { type Found, findLeftWaiting, findParked, readDetail, readPage, readSummary } from './parked-view.ts';
import { expireResolved } from './parking.ts';
import type { ParkedKey } from './queue.ts';
import type { Registry } from './registry.ts';
import { time } from './time.ts';
import type { Trial } from './trial.ts';

export interface OperatorOptions {
  readonly database: Database;
  /** Throws OverloadError before the start. */
  acting(): { readonly drain: Drain; readonly trial: Trial };
  readonly codec: Codec;
  readonly registry: Registry;
  readonly logger: Logger;
  /** After each commit: what it has decided goes out. */
  onCommitted(saved: Saved): void;
}

export interface OperatorWorker extends Operator {
  /** Finishes, from now on, what was begun and broken off. */
  start(): void;
  stop(): Promise<void>;
}

/** So often a message may be redriven without success; then it has to be edited, or discarded. */
export const MAX_REDRIVES = 5;
/** As long as dead letters are kept, ms. */
const RETENTION_MS = 14 * 24 * 60 * 60 * 1_000;
const SWEEP_MS = 30_000;
/** A key that somebody else has just locked, or acted upon, is tried again so often. */
const ATTEMPTS = 4;
/** For one key, ms: somebody waits for the answer. */
const PATIENCE_MS = 5_000;
/** Told of one message's key. */
const MAX_VERDICTS = 100;

/** One act after the other, on a connection of their own. */
export function createOperator(options: OperatorOptions): OperatorWorker {
  const { database, acting, codec, registry, logger, onCommitted } = options;
  const stopping = new AbortController();
  const resting = createSleeper();
  let connection: Connection | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let sweeping: Promise<void> | undefined;

  const usableConnection = async (): Promise<Connection> => {
    if (connection?.usable !== true) {
      await connection?.close();
      connection = await database.connect();
    }
    return connection;
  };

  /** Behind whatever is under way; again, where somebody else was faster. */
  const alone = <Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> => {
    const patient = async (): Promise<Result> => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await work(await usableConnection());
        } catch (error) {
          const isOver = attempt === ATTEMPTS || stopping.signal.aborted;
          if (isOver || !(error instanceof TransientError)) throw error;
          await pause(backoffMs(attempt, { initialMs: 20, maximumMs: 500 }), stopping.signal);
        }
      }
    };
    const result = last.then(patient);
    last = result.catch(() => undefined);
    return result;
  };

  /** The whole of a key, one transaction after the other; as far as it gets in its time, and then the sweep goes on. */
  const takeAll = async (key: ParkedKey, how: TakeOptions) => {
    let report: DrainReport;
    let taken = 0;
    const verdicts: DrainReport['verdicts'][number][] = [];
    const until = time.monotonic() + PATIENCE_MS;
    do {
      report = await alone((current) => acting().drain.take(current, key, how));
      onCommitted(report);
      taken += report.taken;
      verdicts.push(...report.verdicts.slice(0, MAX_VERDICTS - verdicts.length));
    } while (report.hasMore && !stopping.signal.aborted && time.monotonic() < until);
    if (report.hasMore) resting.wake();
    // The one that fails is told in any case.
    const end = report.verdicts.at(-1);
    if (end?.verdict === 'fails' && verdicts.at(-1) !== end) verdicts.push(end);
    return { drained: report.drained, taken, verdicts };
  };

  const keyOf = (message: MessageId, { id, key }: Found): ParkedKey => ({ topic: message.topic, key, id });

  /** A dead letter that is open; or why it can't be acted upon. */
  const find = async (
    message: MessageId,
  ): Promise<{ found: Found; refusal: null } | { found: undefined; refusal: Refusal }> => {
    const found = await findParked(database, message);
    if (found?.message.state === 'failed') return { found, refusal: null };
    if (found === undefined) return { found, refusal: 'unknown' };
    return { found: undefined, refusal: found.message.state === 'waiting' ? 'waiting' : 'resolved' };
  };

  /** Message by message: each is a transaction of its own, and one's failure is not another's. */
  const eachFailed = async (
    messages: readonly MessageId[],
    act: (
      found: Found,
      message: MessageId,
    ) => Promise<Omit<RedriveAnswer['results'][number], 'message' | 'refusal'> | Refusal>,
  ): Promise<RedriveAnswer> => {
    const results: RedriveAnswer['results'] = [];
    for (const message of messages) {
      const { found, refusal } = await find(message);
      const result = found === undefined ? refusal : await act(found, message);
      results.push(
        typeof result === 'string'
          ? { message, refusal: result, drained: false, taken: 0, verdicts: [] }
          : { message, refusal: null, ...result },
      );
    }
    return { results };
  };

  const detail = async (message: MessageId): Promise<ParkedDetail | undefined> => {
    const stored = await readDetail(database, message);
    if (stored === undefined) return undefined;
    const { value, headers, stack, queue, rawKey } = stored;
    const isOpen = stored.message.state === 'failed' || stored.message.state === 'waiting';
    return {
      message: stored.message,
      content: isOpen ? await readContent(codec, value) : null,
      rawKey,
      rawValue: value?.toString('base64') ?? null,
      headers: Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, textOrHex(bytes)])),
      stack,
      queue,
      redrivesLeft: Math.max(0, MAX_REDRIVES - stored.redrives),
    };
  };

  /** The value that a message is to have; its event by whatever tells: the caller, the value it has, its headers. */
  const encode = async (message: MessageId, given: EventName | undefined, data: unknown) => {
    const { content, message: parked } = (await detail(message)) ?? {};
    const told = given ?? (content && 'name' in content ? content.name : parked?.event);
    const name = eventsOf(message.topic).find((event) => event === told);
    if (name !== undefined) return encodeValue(registry, name, data);
    return { invalid: [{ pointer: '/name', detail: `must be an event of ${message.topic}` }] };
  };

  const sweep = async () => {
    while (!stopping.signal.aborted) {
      try {
        await expireResolved(database, RETENTION_MS);
        for (const key of await findLeftWaiting(database)) await takeAll(key, { onlyWaiting: true });
      } catch (error) {
        logger.debug({ err: error }, 'nothing could be drained');
      }
      await resting.sleep(SWEEP_MS);
    }
  };

  return {
    parking: () => readSummary(database),
    parked: (query) => readPage(database, query),
    detail,
    log: (query) => readLog(database, query),

    async try({ messages, data, acceptGap }) {
      const results: TryAnswer['results'] = [];
      for (const message of messages) {
        const { found, refusal } = await find(message);
        if (found === undefined) {
          results.push({ message, refusal, verdicts: [] });
          continue;
        }
        const encoded = data === undefined ? { value: undefined } : await encode(message, undefined, data);
        if ('invalid' in encoded) return encoded;
        const verdicts = await alone((current) =>
          acting().trial(current, keyOf(message, found), { acceptGap, value: encoded.value }),
        );
        results.push({ message, refusal: null, verdicts: [...verdicts] });
      }
      return { results };
    },

    redrive: ({ messages, by, reason, acceptGap }) =>
      eachFailed(messages, async (found, message) => {
        if (found.redrives >= MAX_REDRIVES) return 'too-many-redrives';
        const act: Act = { action: 'redrive', message, by, reason };
        const result = await takeAll(keyOf(message, found), { act, acceptGap });
        logger.info(
          { ...message, key: found.key, by, taken: result.taken, drained: result.drained },
          'redriven',
        );
        return result;
      }),

    discard: ({ messages, by, reason }) =>
      eachFailed(messages, async (found, message) => {
        const key = keyOf(message, found);
        const act: Act = { action: 'discard', message, by, reason };
        onCommitted(await alone((current) => acting().drain.discard(current, key, act)));
        logger.info({ ...message, key: found.key, by }, 'discarded');
        return takeAll(key, { onlyWaiting: true });
      }),

    async edit({ message, name, data, by, reason }) {
      const { found, refusal } = await find(message);
      if (found === undefined) return { refusal };
      const encoded = await encode(message, name, data);
      if ('invalid' in encoded) return encoded;
      const act: Act = { action: 'edit', message, by, reason };
      onCommitted(
        await alone((current) => acting().drain.edit(current, keyOf(message, found), encoded.value, act)),
      );
      const edited = await detail(message);
      return edited === undefined ? { refusal: 'unknown' } : { detail: edited };
    },

    start() {
      sweeping ??= sweep();
    },
    async stop() {
      stopping.abort();
      resting.wake();
      await sweeping;
      await last;
      await connection?.close();
    },
  };
}
