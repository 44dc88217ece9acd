import { setTimeout as pause } from 'node:timers/promises';
import { type ServiceName, serviceNames } from '@skald/contracts';
import { eventually } from '@skald/testkit';
import { describe, expect, it } from 'vitest';
import { judge } from './judge.ts';
import { planOrders } from './order-mix.ts';
import { tellProgress } from './progress.ts';
import { createReadinessLog, type ReadinessLog, readinessOf } from './readiness.ts';
import { nextConfirmed } from './recovery.ts';
import { useSystem } from './use-system.ts';
import { type Attempt, startWorkload, tally, type Workload } from './workload.ts';

const OUTAGE_MS = 20_000;
/** A service is killed in the midst of the outage, and has to start without what is away: it lasts until that is done. */
const RESTART_AT_MS = 8_000;
/** A start of a service on a busy machine, ms. */
const STARTED_MS = 90_000;
const EVERY_MS = 400;
/** They come until all is well again, however long that takes; then nobody comes any more. */
const CUSTOMERS = 1_000;
/** From the end of an outage until orders are confirmed and everybody is ready, ms: far more than it takes. */
const RECOVERY_MS = 45_000;

describe('twenty seconds without', () => {
  const system = useSystem('outages');
  const workloads: Workload[] = [];

  /**
   * A trickle of orders, in the midst of which a process is away, and a service dies meanwhile. `says`: what is read at its
   * /readyz as soon as it runs again.
   */
  async function outlast(process: string, dying: ServiceName, says: RegExp) {
    const { stack, random, say } = system;
    const workload = startWorkload({
      addresses: stack.addresses,
      orders: planOrders(CUSTOMERS, random),
      everyMs: EVERY_MS,
      timeoutMs: 10_000,
    });
    workloads.push(workload);
    const stopTelling = tellProgress(system, workload);
    try {
      await eventually(() => workload.sent >= 5);
      await stack.stopProcess(process);
      const awayAt = Date.now();
      say(`${process} is away`);
      const log = createReadinessLog(system);
      const isOver = () => Date.now() - awayAt >= OUTAGE_MS && says.test(log.said(dying).at(-1) ?? '');
      await Promise.all([lookUntil(log, isOver), pause(RESTART_AT_MS).then(() => stack.kill(dying))]);
      await anAnswerAfter(Date.now(), workload);
      const duringOutage = new Map(
        await Promise.all(serviceNames.map(async (name) => [name, await readinessOf(system, name)] as const)),
      );
      const backFrom = Date.now();
      await stack.startProcess(process);
      const backAt = Date.now();
      say(`${process} is back after ${((backAt - awayAt) / 1_000).toFixed(1)} s`);
      await recovered(backAt, log);
      workload.close();
      await workload.done;
      const within = ({ sentAt, tookMs }: Attempt) => sentAt >= awayAt && sentAt + tookMs <= backFrom;
      const attempts = workload.attempts.filter(within);
      say(`POST while ${process} was away: ${tally(attempts.map(({ result }) => result))}`);
      expect(await judge(system, workloads)).toEqual([]);
      return { log, duringOutage, attempts, killedAt: awayAt + RESTART_AT_MS, awayAt, backFrom };
    } finally {
      workload.close();
      stopTelling();
    }
  }

  async function lookUntil(log: ReadinessLog, isOver: () => boolean): Promise<void> {
    await eventually(
      async () => {
        await log.look();
        return isOver();
      },
      { timeoutMs: OUTAGE_MS + STARTED_MS, everyMs: 250, what: 'who was killed has started anew' },
    );
  }

  /** Until a customer was answered who has asked after the given time, epoch ms. */
  async function anAnswerAfter(time: number, { attempts }: Workload): Promise<void> {
    await eventually(() => attempts.some(({ sentAt }) => sentAt > time), { what: 'a customer is answered' });
  }

  /** Orders confirmed between two moments, epoch ms. */
  async function countConfirmed(from: number, to: number): Promise<number> {
    const counting = `SELECT count(*) AS count FROM order_events WHERE name = 'OrderConfirmed' AND at BETWEEN $1 AND $2`;
    const [row] = await system.databases.query<{ count: number }>('order', counting, [
      new Date(from),
      new Date(to),
    ]);
    return row?.count ?? 0;
  }

  async function recovered(backAt: number, log: ReadinessLog): Promise<void> {
    const seconds = (at: number) => ((at - backAt) / 1_000).toFixed(1);
    const confirmedAt = await nextConfirmed(system, backAt);
    await eventually(
      async () => {
        await log.look();
        return serviceNames.every((name) => log.said(name).at(-1)?.startsWith('200'));
      },
      { what: 'every service is ready' },
    );
    const readyAt = Date.now();
    system.say(
      `an order is confirmed ${seconds(confirmedAt)} s after that, all are ready after ${seconds(readyAt)} s`,
    );
    expect(Math.max(confirmedAt, readyAt) - backAt).toBeLessThan(RECOVERY_MS);
  }

  it('the registry: orders go on to their end, and who has to start waits for it and says so', async () => {
    const { attempts, duringOutage, awayAt, backFrom } = await outlast(
      'registry',
      'email',
      /^503, messaging.*registry/,
    );
    expect(new Set(attempts.map(({ result }) => result))).toEqual(new Set(['202']));
    expect(await countConfirmed(awayAt + OUTAGE_MS / 2, backFrom)).toBeGreaterThan(5);
    for (const name of serviceNames) {
      expect(duringOutage.get(name)).toMatch(name === 'email' ? /^503, messaging.*registry/ : /^200$/);
    }
  });

  it('the broker: orders are taken, also by an instance that has just started', async () => {
    const { attempts, duringOutage, killedAt, log } = await outlast('kafka', 'order', /^200.*Kafka/);
    const before = attempts.filter(({ sentAt, tookMs }) => sentAt + tookMs < killedAt);
    expect(new Set(before.map(({ result }) => result))).toEqual(new Set(['202']));
    expect(attempts.at(-1)?.result).toBe('202');
    for (const name of serviceNames) {
      expect(duringOutage.get(name)).toMatch(/^200.*Kafka/);
      if (name !== 'order') expect(log.said(name).every((answer) => answer.startsWith('200'))).toBe(true);
    }
  });

  it('the database: customers are told to come again, and every service says what it lacks', async () => {
    const { attempts, duringOutage } = await outlast('postgres', 'inventory', /^503, database/);
    expect(new Set(attempts.map(({ result }) => result))).toEqual(new Set(['503']));
    for (const name of serviceNames) expect(duringOutage.get(name)).toMatch(/^503, database/);
  });
});
