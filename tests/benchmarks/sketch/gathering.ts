import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

export interface GatheringOptions<Item> {
  readonly work: (items: readonly Item[]) => Promise<void>;
  /** After so much work, how long to let the next items gather, ms. */
  readonly restMs?: (count: number) => number;
}

/**
 * One group after the other: while one is under way the next gathers, so that a lone item waits for nothing, and under
 * load many share what a transaction or a request costs. Adding answers the end of the item's own group.
 */
export function createGathering<Item>({
  work,
  restMs = () => 0,
}: GatheringOptions<Item>): (item: Item) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  let items: Item[] = [];

  const takeNext = async (previous: Promise<void>): Promise<void> => {
    await previous;
    // What arrives in the same turn of the event loop belongs together.
    await nextTurn();
    const group = items;
    items = [];
    next = undefined;
    const done = work(group);
    last = restAfter(done, restMs(group.length));
    await done;
  };

  return (item) => {
    items.push(item);
    next ??= takeNext(last);
    return next;
  };
}

/** Work that fails ends the process (service.ts): nobody goes on behind it. */
async function restAfter(done: Promise<void>, ms: number): Promise<void> {
  await done;
  if (ms > 0) await sleep(ms);
}
