/**
 * Does some work one at a time, for all who ask for it: whoever asks while it is under way shares the next one, which begins
 * after they asked.
 */
export function createSharing(work: () => Promise<unknown>): () => Promise<void> {
  let underWay: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= underWay
      .catch(() => undefined)
      .then(async () => {
        if (next !== undefined) underWay = next;
        next = undefined;
        await work();
      });
    return next;
  };
}
