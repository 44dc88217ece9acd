import { type GroupName, groupNames, type MessageId, type RedriveAnswer } from '@skald/contracts';
import type { Queryable } from '@skald/messaging';
import { Problem } from '@skald/service-kit';
import type { EndLine, Line, ResultLine } from './answer.ts';
import type { Identity } from './dead-letter.ts';
import { conditionOf, type Filter } from './filter.ts';
import { type OperatorClient, ServiceAway, unknownService } from './operator-client.ts';
import { createPace, wait } from './pace.ts';
import { extentOf, find, listBetween } from './store.ts';

export interface JobRequest {
  readonly action: 'try' | 'redrive' | 'discard';
  readonly dryRun: boolean;
  readonly deadLetters?: readonly Identity[] | undefined;
  readonly filter?: Filter | undefined;
  readonly perSecond: number;
  readonly acceptGap: boolean;
  readonly by: string;
  readonly reason: string;
}

/** What is to be done, looked up: how much, and of which services. */
export interface Job {
  readonly request: JobRequest;
  readonly total: number;
  readonly groups: readonly GroupName[];
  /** In the order in which they failed. */
  deadLetters(): AsyncIterable<Named>;
}

export type Named = Identity & { readonly key: string | null };

const PAGE = 500;

/** Throws a Problem 422 where a service is concerned whose address is not known. */
export async function prepareJob(
  db: Queryable,
  operator: Pick<OperatorClient, 'knows'>,
  request: JobRequest,
): Promise<Job> {
  const job = request.deadLetters
    ? namedJob(db, request, request.deadLetters)
    : await filterJob(db, request, request.filter ?? {});
  const strangers = job.groups.filter((group) => !operator.knows(group));
  if (strangers.length === 0) return job;
  throw unknownService(strangers.join(', '));
}

function namedJob(db: Queryable, request: JobRequest, ids: readonly Identity[]): Job {
  const groups = groupNames.filter((name) => ids.some(({ group }) => group === name));
  return {
    request,
    total: ids.length,
    groups,
    async *deadLetters() {
      // What we don't know yet its service may know all the same: that one decides.
      for (const id of ids) yield { ...id, key: (await find(db, id))?.key ?? null };
    },
  };
}

/** All that match now: what comes later is another job's. */
async function filterJob(db: Queryable, request: JobRequest, filter: Filter): Promise<Job> {
  const condition = conditionOf(filter, 'open');
  const { count, upTo, groups } = await extentOf(db, condition);
  return {
    request,
    total: count,
    groups,
    async *deadLetters() {
      for (let after = 0; ; ) {
        const rows = await listBetween(db, condition, [after, upTo], PAGE);
        for (const { consumer_group: group, topic, partition, offset, key } of rows)
          yield { group, topic, partition, offset, key };
        const last = rows.at(-1);
        if (last === undefined || rows.length < PAGE) return;
        after = last.id;
      }
    },
  };
}

/** Small enough to be stopped within a moment, and to be told of as it goes. */
const MAX_CHUNK = 50;
const chunkSize = (perSecond: number): number => Math.min(MAX_CHUNK, Math.ceil(perSecond / 10));
/** Between two attempts to reach a service that is away, ms. */
const RETRY_MS = 2_000;

/**
 * Does it, and tells of each message. Ends at the next few messages once the signal aborts, with its reason; waits for a
 * service that is away, and says so. Never throws: what went wrong is in its end.
 */
export async function* runJob(
  job: Job,
  operator: OperatorClient,
  signal: AbortSignal,
): AsyncGenerator<Line, void> {
  const { request, total } = job;
  const { action, dryRun, perSecond } = request;
  const tally = createTally(total);
  const pace = createPace(perSecond);
  yield { type: 'start', action, dryRun, total };
  try {
    for await (const chunk of inChunks(job.deadLetters(), chunkSize(perSecond))) {
      await wait(pace.reserve(chunk.length), signal);
      while (!signal.aborted) {
        try {
          for (const line of await act(operator, request, chunk)) yield tally.add(line);
          break;
        } catch (error) {
          if (!(error instanceof ServiceAway)) throw error;
          yield { type: 'waiting', for: error.service, because: error.message };
          await wait(RETRY_MS, signal);
        }
      }
      if (signal.aborted) break;
    }
    yield tally.end(signal.aborted && tally.done < total ? textOf(signal.reason) : null);
  } catch (error) {
    yield tally.end(textOf(error));
  }
}

/** Neighbours of one group. */
async function* inChunks(all: AsyncIterable<Named>, size: number): AsyncGenerator<Named[]> {
  let chunk: Named[] = [];
  for await (const one of all) {
    if (chunk.length === size || (chunk[0] !== undefined && chunk[0].group !== one.group)) {
      yield chunk;
      chunk = [];
    }
    chunk.push(one);
  }
  if (chunk.length > 0) yield chunk;
}

async function act(
  operator: OperatorClient,
  request: JobRequest,
  chunk: readonly Named[],
): Promise<ResultLine[]> {
  const group = chunk[0]?.group ?? 'order';
  const messages = chunk.map(({ topic, partition, offset }) => ({ topic, partition, offset }));
  const results = await ask(operator, request, group, messages);
  return chunk.map((named) => {
    const result = results.find(({ message }) => isSame(message, named));
    if (result === undefined)
      throw new Problem({
        status: 502,
        detail: `${group} did not answer for ${named.topic} ${named.partition}/${named.offset}`,
      });
    return lineOf(request, named, result);
  });
}

type Result = RedriveAnswer['results'][number];

async function ask(
  operator: OperatorClient,
  { action, dryRun, by, reason, acceptGap }: JobRequest,
  group: GroupName,
  messages: MessageId[],
): Promise<Result[]> {
  if (action === 'try' || dryRun) {
    const { results } = await operator.try(group, { messages, acceptGap });
    return results.map((result) => ({ ...result, drained: false, taken: 0 }));
  }
  const answer =
    action === 'redrive'
      ? await operator.redrive(group, { messages, by, reason, acceptGap })
      : await operator.discard(group, { messages, by, reason });
  return answer.results;
}

const isSame = (one: MessageId, other: MessageId): boolean =>
  one.topic === other.topic && one.partition === other.partition && one.offset === other.offset;

function lineOf({ action, dryRun }: JobRequest, named: Named, result: Result): ResultLine {
  const { refusal, verdicts, drained, taken } = result;
  const { group, topic, partition, offset, key } = named;
  const own = verdicts.find((verdict) => isSame(verdict, named))?.verdict;
  const isDiscarded = action === 'discard' && !dryRun;
  const outcome = refusal ?? (isDiscarded ? 'discarded' : (own ?? 'unknown'));
  return {
    type: 'result',
    deadLetter: { group, topic, partition, offset, key },
    outcome,
    failed: refusal !== null || outcome === 'fails' || outcome === 'not-reached' || outcome === 'unknown',
    refusal,
    verdicts,
    drained,
    taken,
  };
}

function createTally(total: number) {
  const outcomes = new Map<string, number>();
  const tally = {
    done: 0,
    failed: 0,
    taken: 0,
    add(line: ResultLine): ResultLine {
      tally.done += 1;
      tally.failed += Number(line.failed);
      tally.taken += line.taken;
      outcomes.set(line.outcome, (outcomes.get(line.outcome) ?? 0) + 1);
      return line;
    },
    end: (stopped: string | null): EndLine => ({
      type: 'end',
      total,
      done: tally.done,
      failed: tally.failed,
      taken: tally.taken,
      outcomes: Object.fromEntries(outcomes),
      stopped,
    }),
  };
  return tally;
}

const textOf = (reason: unknown): string => (reason instanceof Error ? reason.message : String(reason));
