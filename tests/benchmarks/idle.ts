import { setTimeout as sleep } from 'node:timers/promises';
import type { Setting } from './compete.ts';
import { type Contender, serviceNames } from './contender.ts';
import { readCpu } from './cpu.ts';
import type { Progress } from './progress.ts';

export interface IdleReport {
  readonly seconds: number;
  /** Process tree → percent of one core. */
  readonly percentOfCore: Readonly<Record<string, number>>;
  /** The five services together. */
  readonly percentTotal: number;
}

/** What the start itself costs is over by then: compilation, first connections, the first garbage. */
const settleSeconds = 15;

/** How much CPU a contender needs for doing nothing. */
export async function measureIdle(
  contender: Contender,
  seconds: number,
  { progress, profiling }: Pick<Setting, 'progress' | 'profiling'>,
  signal: AbortSignal,
): Promise<IdleReport> {
  await wait(`${contender.name}: settling`, settleSeconds, progress, signal);
  profiling?.begin(contender);
  const before = readCpu(contender.pids());
  const start = performance.now();
  await wait(`${contender.name}: idle`, seconds, progress, signal);
  const after = readCpu(contender.pids());
  const elapsed = performance.now() - start;
  await profiling?.end(contender);
  const percentOfCore = Object.fromEntries(
    Object.entries(after).map(([name, ms]) => [name, ((ms - (before[name] ?? 0)) / elapsed) * 100]),
  );
  const percentTotal = serviceNames.reduce((sum, name) => sum + (percentOfCore[name] ?? 0), 0);
  return { seconds, percentOfCore, percentTotal };
}

async function wait(text: string, seconds: number, progress: Progress, signal: AbortSignal): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 1) {
    progress.waiting(text, passed, seconds);
    await sleep(Math.min(1, seconds - passed) * 1_000, undefined, { signal });
  }
}
