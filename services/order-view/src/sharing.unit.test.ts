import { expect, it } from 'vitest';
import { createSharing } from './sharing.ts';

/** Work that ends when told to. */
function createWork() {
  const runs: { end(): void; fail(error: Error): void }[] = [];
  const share = createSharing(
    () => new Promise<void>((resolve, reject) => runs.push({ end: resolve, fail: reject })),
  );
  return { runs, share };
}
const turns = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

it('is done once for all who come while it is under way, and begins after they asked', async () => {
  const { runs, share } = createWork();
  const first = share();
  await turns();
  expect(runs).toHaveLength(1);
  const others = [share(), share(), share()];
  await turns();
  expect(runs).toHaveLength(1);
  runs[0]?.end();
  await first;
  await turns();
  expect(runs).toHaveLength(2);
  runs[1]?.end();
  await Promise.all(others);
});

it('that fails is told to those who shared it, and done anew for those who come later', async () => {
  const { runs, share } = createWork();
  const first = share();
  await turns();
  const other = share();
  runs[0]?.fail(new Error('away'));
  await expect(first).rejects.toThrow('away');
  await turns();
  runs[1]?.end();
  await other;
  const last = share();
  await turns();
  runs[2]?.end();
  await last;
});
