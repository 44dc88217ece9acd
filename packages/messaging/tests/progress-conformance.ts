import { expect, it } from 'vitest';
import type { Progress } from '../src/progress.ts';

/** Processes that read the same partitions, one after the other or side by side. */
export interface ProgressUnderTest {
  /** Starts another process. */
  start(): Promise<{ readonly progress: Progress; die(): Promise<void> }>;
}

const here = { topic: 'orders.events', partition: 0 };
const there = { topic: 'orders.events', partition: 1 };
const only = (offset: number) => ({ from: offset, to: offset });

/** What every keeper of progress has to do: the one of Postgres, and the one of tests. */
export function itKeepsProgress(create: () => ProgressUnderTest): void {
  const crash = async (stage: ProgressUnderTest, offset = 7) => {
    const { progress, die } = await stage.start();
    const start = await progress.begin(here, offset);
    await die();
    return start;
  };
  const crashAlone = async (stage: ProgressUnderTest, offset: number, from = 7, to = offset) => {
    const { progress, die } = await stage.start();
    const start = await progress.begin(here, from);
    expect(await progress.takeAlone(here, { from: offset, to })).toBe(true);
    await die();
    return start;
  };
  const next = async (stage: ProgressUnderTest, offset = 7) =>
    (await stage.start()).progress.begin(here, offset);

  it('knows nothing against the first start', async () => {
    expect(await next(create())).toEqual({ crashes: 0, suspects: undefined });
  });

  it('counts starts that died before their first batch was committed', async () => {
    const stage = create();
    expect((await crash(stage)).crashes).toBe(0);
    expect((await crash(stage)).crashes).toBe(1);
    expect((await next(stage)).crashes).toBe(2);
  });

  it('begins anew once a batch is committed, be it that nobody lived to note it', async () => {
    const stage = create();
    await crash(stage);
    await crash(stage);
    expect((await next(stage, 8)).crashes).toBe(0);
    const noted = create();
    await crash(noted);
    const { progress, die } = await noted.start();
    await progress.begin(here, 7);
    await progress.made(here);
    await die();
    expect((await next(noted)).crashes).toBe(0);
  });

  it('counts no end in order, and no rebalance away from a process that lives', async () => {
    const stage = create();
    await crash(stage);
    const { progress, die } = await stage.start();
    expect((await progress.begin(here, 7)).crashes).toBe(1);
    await progress.release();
    await die();
    const living = await stage.start();
    expect((await living.progress.begin(here, 7)).crashes).toBe(1);
    expect((await next(stage)).crashes).toBe(1);
    // And it is not the living one's any more.
    expect(await living.progress.takeAlone(here, only(7))).toBe(false);
    await living.progress.made(here);
    expect((await living.progress.begin(here, 7)).crashes).toBe(1);
  });

  it('suspects a message by each crash in a row that it was in hand alone', async () => {
    const stage = create();
    await crash(stage);
    await crash(stage);
    expect(await crashAlone(stage, 9)).toEqual({ crashes: 2, suspects: undefined });
    expect(await crashAlone(stage, 9)).toEqual({ crashes: 3, suspects: { from: 9, to: 9, crashes: 1 } });
    expect(await next(stage)).toEqual({ crashes: 4, suspects: { from: 9, to: 9, crashes: 2 } });
  });

  it('suspects it also where what came before it is committed', async () => {
    const stage = create();
    await crashAlone(stage, 9);
    await crashAlone(stage, 9, 9);
    expect(await next(stage, 9)).toEqual({ crashes: 2, suspects: { from: 9, to: 9, crashes: 2 } });
  });

  it('suspects several that were in hand together, as long as one of them is not committed, until they are fewer', async () => {
    const stage = create();
    expect((await crashAlone(stage, 7, 7, 9)).suspects).toBeUndefined();
    expect((await crashAlone(stage, 7, 7, 9)).suspects).toEqual({ from: 7, to: 9, crashes: 1 });
    expect((await crashAlone(stage, 9, 9)).suspects).toEqual({ from: 7, to: 9, crashes: 2 });
    expect((await next(stage, 9)).suspects).toEqual({ from: 9, to: 9, crashes: 1 });
  });

  it('clears a message that was done, or that another crash found out of hand, or behind what is committed', async () => {
    const done = create();
    await crashAlone(done, 9);
    const { progress, die } = await done.start();
    await progress.begin(here, 7);
    await progress.takeAlone(here, only(9));
    await progress.letGo(here);
    await die();
    expect((await next(done)).suspects?.crashes).toBe(0);

    const passed = create();
    await crashAlone(passed, 9);
    expect((await next(passed, 10)).suspects?.crashes).toBe(0);

    const another = create();
    await crashAlone(another, 9);
    await crashAlone(another, 8);
    expect((await next(another)).suspects).toEqual({ from: 8, to: 8, crashes: 1 });
  });

  it('keeps partitions apart', async () => {
    const stage = create();
    await crash(stage);
    await crash(stage);
    const { progress } = await stage.start();
    expect((await progress.begin(there, 7)).crashes).toBe(0);
    expect((await progress.begin(here, 7)).crashes).toBe(2);
  });
}
