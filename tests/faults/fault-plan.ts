import { eventually, type SeededRandom } from '@skald/testkit';
import { countEnded } from './progress.ts';
import { nextApplied, nextConfirmed } from './recovery.ts';
import type { System } from './system.ts';
import type { Workload } from './workload.ts';

/** A kill -9. */
export interface Fault {
  readonly process: string;
  /** It fires when so many customers have come: a moment that a slow machine doesn't change. */
  readonly afterSent: number;
}

/** Each service once, at moments and in an order by chance; then the broker; then Postgres. */
export function planKills(services: readonly string[], orders: number, random: SeededRandom): Fault[] {
  const moment = (from: number, to: number) => random.int(Math.floor(orders * from), Math.floor(orders * to));
  const moments = services.map(() => moment(0.04, 0.62)).sort((a, b) => a - b);
  const kills = random
    .shuffled(services)
    .map((process, index) => ({ process, afterSent: moments[index] ?? 0 }));
  return [
    ...kills,
    { process: 'kafka', afterSent: moment(0.66, 0.72) },
    { process: 'postgres', afterSent: moment(0.85, 0.92) },
  ];
}

/** Fires them in their order; answers once each of them has been recovered from. */
export async function fire(system: System, workload: Workload, plan: readonly Fault[]): Promise<void> {
  const { stack, say } = system;
  const recoveries: Promise<void>[] = [];
  for (const { process, afterSent } of plan) {
    await eventually(() => workload.sent >= afterSent, {
      timeoutMs: 240_000,
      what: `${afterSent} customers have come`,
    });
    // One that is only just coming back from nothing has nothing to lose.
    await stack.ready(process);
    const pid = stack.pid(process);
    const ended = await countEnded(system);
    const killedAt = Date.now();
    await stack.kill(process);
    say(`kill -9 ${process} (${pid}) when ${workload.sent} were sent, ${ended}`);
    recoveries.push(recover(system, process, killedAt));
  }
  await Promise.all(recoveries);
}

async function recover(system: System, process: string, killedAt: number): Promise<void> {
  const { stack, say } = system;
  const since = (time: number) => `${((time - killedAt) / 1_000).toFixed(1)} s`;
  await stack.ready(process);
  const answersAt = Date.now();
  if (process in stack.addresses.services) {
    const appliedAt = await nextApplied(system, process).catch(() => undefined);
    const applied =
      appliedAt === undefined ? 'had nothing more to apply' : `applied after ${since(appliedAt)}`;
    say(`${process} answers after ${since(answersAt)}, ${applied}`);
    return;
  }
  const confirmedAt = await nextConfirmed(system, answersAt);
  say(`${process} answers after ${since(answersAt)}, an order is confirmed after ${since(confirmedAt)}`);
}
