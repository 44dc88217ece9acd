import { LEVEL_MS, untilPublished } from './fold-views.ts';
import { followLog, type LogFollow, type Place } from './log-follow.ts';
import { createHandler, readModelTopic } from './materialiser.ts';
import type { Positions } from './order-store.ts';
import type { RebuildOptions, RebuildParts } from './rebuild-parts.ts';
import type { Waiting } from './waiting.ts';

const group = 'order-view';
export const followGroup = 'order-view.rebuild.follow';

export interface Building {
  readonly waiting: Waiting;
  readonly follow: LogFollow;
  readonly generation: number;
}

/** Tells a generation what orders.read-model says, as the live one is told. */
export function followModels(parts: RebuildParts, generation: number, from: Positions): LogFollow {
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
export async function untilLevel(
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

/** Brings the new generation to where the live one stands, and leaves it there. */
export async function level(parts: RebuildParts, { waiting, follow, generation }: Building): Promise<void> {
  follow.resume();
  const store = parts.generations.open(generation);
  const target = await parts.live.positions();
  const isLevel = async () => isAtLeast(await store.positions(), target);
  await waiting.until('both are level', isLevel, LEVEL_MS);
  await follow.hold();
}
