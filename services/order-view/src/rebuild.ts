import { groups } from '@skald/contracts';
import {
  type Database,
  type EventReader,
  type InputReader,
  isPublished,
  outboxEnd,
  type Standing,
} from '@skald/messaging';
import type { Logger } from '@skald/service-kit';
import { createLogFold } from './log-fold.ts';
import { followLog, type LogFollow, type Place } from './log-follow.ts';
import { createHandler, readModelTopic } from './materialiser.ts';
import type { Comparison, OrderGenerations } from './order-generations.ts';
import type { OrderStore, Positions } from './order-store.ts';
import type { RebuiltViews } from './rebuilt-views.ts';
import { modelOf } from './view.ts';
import { createWaiting, type Waiting } from './waiting.ts';

export interface RebuildOptions {
  /** Compares, and drops what was built. */
  readonly isDryRun: boolean;
  /** What the log says counts, whatever the live generation says. */
  readonly acceptsDifferences: boolean;
  /** Generations that were live, to go back to. */
  readonly keep: number;
  /** How long the live one may take to catch up, ms. */
  readonly patienceMs: number;
}

export interface RebuildParts {
  readonly database: Pick<Database, 'query'>;
  readonly generations: OrderGenerations;
  readonly live: Pick<OrderStore, 'positions'>;
  readonly views: RebuiltViews;
  readonly standing: Standing;
  readonly readInputs: InputReader;
  readonly readModels: EventReader;
  readonly brokers: readonly string[];
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Called often. */
  onProgress(says: string): void;
}

export interface RebuildReport {
  readonly verdict: 'same' | 'different';
  readonly isSwitched: boolean;
  readonly generation: number;
  /** Orders that were built. */
  readonly orders: number;
  readonly records: number;
  readonly poison: number;
  /** Until the new generation held all that was folded, and until the end, ms. */
  readonly builtMs: number;
  readonly durationMs: number;
  /** Of this process, without Postgres and Kafka. */
  readonly cpuMs: number;
  readonly comparison: Comparison;
  /** Generations that are kept. */
  readonly kept: readonly number[];
}

const group = 'order-view';
const sources = groups[group];
const foldGroup = `${group}.rebuild.fold`;
const followGroup = `${group}.rebuild.follow`;
const PAGE = 500;
/** To be level while others wait for it, ms. */
const LEVEL_MS = 8_000;

/** There is a difference between what was compared before, and what came since: it is told as the others are. */
class LateDifference extends Error {
  readonly comparison: Comparison;
  constructor(comparison: Comparison) {
    super('different');
    this.comparison = comparison;
  }
}

/** Builds the read model from offset 0 beside the live one, compares both, and switches. docs/adr/0013-rebuild.md */
export async function rebuild(options: RebuildOptions, parts: RebuildParts): Promise<RebuildReport> {
  const { generations, views, standing } = parts;
  const startedAt = performance.now();
  await dropUnfinished(generations);
  await views.create();
  const generation = await generations.create();
  const following: LogFollow[] = [];
  let isSwitched = false;
  try {
    const folded = await foldLog(options, parts);
    const orders = await fillFrom(parts, generation, folded.from);
    const builtMs = Math.round(performance.now() - startedAt);
    const follow = followModels(parts, generation, folded.from);
    following.push(follow);
    const waiting = createWaiting(parts.signal, follow.failed, parts.onProgress);
    await untilLevel(options, parts, { waiting, follow, generation, ends: folded.ends });
    const { comparison, differs } = await compareAndSwitch(options, parts, { waiting, follow, generation });
    isSwitched = !options.isDryRun && (!differs || options.acceptsDifferences);
    return {
      verdict: differs ? 'different' : 'same',
      isSwitched,
      generation,
      orders,
      ...folded.count,
      builtMs,
      durationMs: Math.round(performance.now() - startedAt),
      cpuMs: cpuMs(),
      comparison,
      kept: isSwitched ? await dropOld(generations, options.keep) : await keptOf(generations),
    };
  } finally {
    await Promise.all(following.map((follow) => follow.stop()));
    // What can't be taken away now, the next rebuild takes away. One that became live after all is not dropped.
    await Promise.allSettled([
      isSwitched ? undefined : generations.drop(generation),
      views.drop(),
      ...[foldGroup, followGroup].map((name) => standing.forget(name)),
    ]);
  }
}

/** Makes the generation that was live before the live one again, once it has caught up with orders.read-model. */
export async function rollBack(
  { patienceMs }: Pick<RebuildOptions, 'patienceMs'>,
  parts: RebuildParts,
): Promise<{ readonly from: number; readonly to: number } | undefined> {
  const all = await parts.generations.list();
  const before = all
    .filter(({ state }) => state === 'kept')
    .toSorted((one, other) => (other.liveSince ?? 0) - (one.liveSince ?? 0))[0];
  const from = all.find(({ state }) => state === 'live')?.number ?? 0;
  if (before === undefined) return undefined;
  const generation = before.number;
  const follow = followModels(parts, generation, await parts.generations.open(generation).positions());
  try {
    const waiting = createWaiting(parts.signal, follow.failed, parts.onProgress);
    const ends = await parts.standing.ends([readModelTopic]);
    await waiting.until('it has caught up', () => follow.hasReached(ends), patienceMs);
    await parts.generations.switchTo(generation, () => level(parts, { waiting, follow, generation }));
    return { from, to: generation };
  } finally {
    await follow.stop();
    await parts.standing.forget(followGroup).catch(() => undefined);
  }
}

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return Math.round((user + system) / 1_000);
};

interface Building {
  readonly waiting: Waiting;
  readonly follow: LogFollow;
  readonly generation: number;
}

async function dropUnfinished(generations: OrderGenerations): Promise<void> {
  for (const { number, state } of await generations.list())
    if (state === 'building') await generations.drop(number);
}

/**
 * The whole log into views. Where differences are accepted, they then take the place of the live ones: what is folded next goes on
 * from them, or it would bring back what was there before.
 */
async function foldLog({ acceptsDifferences, patienceMs }: RebuildOptions, parts: RebuildParts) {
  const { views, standing } = parts;
  // First: what the live generation is told from here on is followed, what it was told before lies before these ends.
  let from = await parts.live.positions();
  const ends = await standing.ends(sources);
  const total = ends.reduce((sum, { offset }) => sum + offset, 0);
  const fold = createLogFold(views, parts.readInputs, acceptsDifferences ? undefined : ends);
  const follow = followLog({ ...parts, group: foldGroup, topics: sources, handle: fold.handle });
  const waiting = createWaiting(parts.signal, follow.failed, parts.onProgress);
  try {
    await waiting.until(
      () => `${fold.count.records} of ${total} records are folded`,
      () => {
        const waitsFor = follow.waitsFor();
        if (waitsFor !== undefined) parts.onProgress(`waiting for ${waitsFor}`);
        return follow.hasReached(ends);
      },
    );
    if (acceptsDifferences) {
      await views.takeOver(async () => {
        follow.resume();
        const now = await standing.ends(sources);
        await waiting.until('the last of them are folded', () => follow.hasReached(now), LEVEL_MS);
        await follow.hold();
      });
      await untilPublished(parts, waiting, patienceMs);
      from = await parts.live.positions();
    }
  } finally {
    await follow.stop();
  }
  return { ends, from, count: { ...fold.count } };
}

/** What was decided with the views that are gone. */
async function untilPublished(parts: RebuildParts, waiting: Waiting, patienceMs: number): Promise<void> {
  const end = await outboxEnd(parts.database);
  const isThere = () => isPublished(parts.database, end);
  await waiting.until('order-view has published what it has decided', isThere, patienceMs);
}

/** Models of all views, as if they were told of up to where the live generation is. Answers how many. */
async function fillFrom(parts: RebuildParts, generation: number, from: Positions): Promise<number> {
  const store = parts.generations.open(generation);
  let orders = 0;
  for (let after: string | undefined; ; ) {
    parts.signal.throwIfAborted();
    const page = await parts.views.page(after, PAGE);
    after = page.at(-1)?.orderId;
    if (after === undefined) break;
    const models = page.flatMap((view) => modelOf(view) ?? []);
    await store.fill(models);
    orders += models.length;
    parts.onProgress(`${orders} orders are built`);
  }
  for (const [partition, offset] of from) await store.upsert([], partition, offset);
  await store.settle();
  return orders;
}

function followModels(parts: RebuildParts, generation: number, from: Positions): LogFollow {
  const store = parts.generations.open(generation);
  const handle = createHandler({
    store: {
      async upsert(...told) {
        await store.upsert(...told);
        return [];
      },
    },
    read: parts.readModels,
    logger: parts.logger,
    onChanged: () => undefined,
  });
  return followLog({ ...parts, group: followGroup, topics: [readModelTopic], from, handle });
}

/** Until both have all that was in the log when it was folded, and so can be compared. */
async function untilLevel(
  { patienceMs }: RebuildOptions,
  parts: RebuildParts,
  { waiting, follow, generation, ends }: Building & { readonly ends: readonly Place[] },
): Promise<void> {
  const { standing, live, generations } = parts;
  const isTakenIn = () => standing.hasCommitted(group, ends);
  await waiting.until('order-view has taken in what was folded', isTakenIn, patienceMs);
  await untilPublished(parts, waiting, patienceMs);
  const published = await standing.ends([readModelTopic]);
  await waiting.until('the new generation has caught up', () => follow.hasReached(published), patienceMs);
  const reached = await generations.open(generation).positions();
  const isLevel = async () => isAtLeast(await live.positions(), reached);
  await waiting.until('the live generation has caught up', isLevel, patienceMs);
}

const isAtLeast = (positions: Positions, others: Positions): boolean =>
  [...others].every(([partition, offset]) => (positions.get(partition) ?? 0) >= offset);

async function compareAndSwitch(options: RebuildOptions, parts: RebuildParts, building: Building) {
  const { generations, live } = parts;
  const { generation } = building;
  const store = generations.open(generation);
  await store.settle();
  const since = least(await live.positions(), await store.positions());
  parts.onProgress('comparing');
  const comparison = await generations.compare(generation);
  if (options.isDryRun || (comparison.differences > 0 && !options.acceptsDifferences))
    return { comparison, differs: comparison.differences > 0 };
  try {
    await generations.switchTo(generation, async () => {
      await level(parts, building);
      const late = await generations.compare(generation, since);
      if (late.differences > 0 && !options.acceptsDifferences) throw new LateDifference(late);
    });
  } catch (error) {
    if (error instanceof LateDifference) return { comparison: error.comparison, differs: true };
    throw error;
  }
  return { comparison, differs: comparison.differences > 0 };
}

const least = (one: Positions, other: Positions): Positions =>
  new Map([...one].map(([partition, offset]) => [partition, Math.min(offset, other.get(partition) ?? 0)]));

/** Brings the new generation to where the live one stands, and leaves it there. */
async function level(parts: RebuildParts, { waiting, follow, generation }: Building): Promise<void> {
  follow.resume();
  const store = parts.generations.open(generation);
  const target = await parts.live.positions();
  const isLevel = async () => isAtLeast(await store.positions(), target);
  await waiting.until('both are level', isLevel, LEVEL_MS);
  await follow.hold();
}

const keptOf = async (generations: OrderGenerations): Promise<number[]> =>
  (await generations.list()).filter(({ state }) => state === 'kept').map(({ number }) => number);

/** Of those that were live, the last ones stay. */
async function dropOld(generations: OrderGenerations, keep: number): Promise<readonly number[]> {
  const kept = (await generations.list())
    .filter(({ state }) => state === 'kept')
    .toSorted((one, other) => (other.liveSince ?? 0) - (one.liveSince ?? 0))
    .map(({ number }) => number);
  for (const number of kept.slice(keep)) await generations.drop(number);
  return kept.slice(0, keep);
}
