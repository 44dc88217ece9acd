import { groups } from '@skald/contracts';
import { isPublished, outboxEnd } from '@skald/messaging';
import { createLogFold } from './log-fold.ts';
import { followLog } from './log-follow.ts';
import type { RebuildOptions, RebuildParts } from './rebuild-parts.ts';
import { createWaiting, type Waiting } from './waiting.ts';

const sources = groups['order-view'];
export const foldGroup = 'order-view.rebuild.fold';
/** To be level while others wait for it, ms. */
export const LEVEL_MS = 8_000;

/**
 * The whole log into views. Where differences are accepted, they then take the place of the live ones: what is folded next goes on
 * from them, or it would bring back what was there before.
 */
export async function foldLog({ acceptsDifferences, patienceMs }: RebuildOptions, parts: RebuildParts) {
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
export async function untilPublished(
  parts: RebuildParts,
  waiting: Waiting,
  patienceMs: number,
): Promise<void> {
  const end = await outboxEnd(parts.database);
  const isThere = () => isPublished(parts.database, end);
  await waiting.until('order-view has published what it has decided', isThere, patienceMs);
}
