import { followGroup, followModels, level } from './level-generations.ts';
import { readModelTopic } from './materialiser.ts';
import type { RebuildOptions, RebuildParts } from './rebuild-parts.ts';
import { createWaiting } from './waiting.ts';

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
