import { foldGroup, foldLog } from './fold-views.ts';
import { type Building, followGroup, followModels, level, untilLevel } from './level-generations.ts';
import type { LogFollow } from './log-follow.ts';
import type { Comparison, OrderGenerations } from './order-generations.ts';
import type { Positions } from './order-store.ts';
import type { RebuildOptions, RebuildParts, RebuildReport } from './rebuild-parts.ts';
import { modelOf } from './view.ts';
import { createWaiting } from './waiting.ts';

const PAGE = 500;

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

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return Math.round((user + system) / 1_000);
};

async function dropUnfinished(generations: OrderGenerations): Promise<void> {
  for (const { number, state } of await generations.list())
    if (state === 'building') await generations.drop(number);
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
