import { serviceNames } from '@skald/contracts';
import { createShop, eventually, waitForRest } from '@skald/testkit';
import { Kafka, logLevel } from 'kafkajs';
import { makeAssignmentsCross, readAssignments, shareOfCrossing } from './crossing.ts';
import type { Field, PlannedFault, Setup } from './fault.ts';
import { createFiring, type Firing } from './firing.ts';
import { judge } from './judge.ts';
import { faultKinds } from './kinds/index.ts';
import { createLocks } from './locks.ts';
import { planOrders } from './order-mix.ts';
import { describeFault, planFaults } from './plan.ts';
import { settlePlanted } from './planted.ts';
import { tellProgress } from './progress.ts';
import { createProxies, type Proxies } from './proxies.ts';
import { createReport, type RunReport } from './report.ts';
import { type OpenSystem, openSystem } from './system.ts';
import { startWorkload, tally, type Workload } from './workload.ts';

export interface RunOptions {
  readonly seed: number;
  readonly orders: number;
  /** Until the last customer has come. */
  readonly seconds: number;
  /** 1 or 3. */
  readonly brokers: number;
  /** Faults of processes and of the network, at least. */
  readonly faults: number;
  readonly signal?: AbortSignal;
}

/** Every order is at its end so long after the last fault is over, ms. */
export const END_WITHIN_MS = 60_000;
/** How long it is looked at beyond that, to say how long it took. */
const LOOK_MS = 120_000;
/** Until nothing moves any more: on a busy machine, with thousands of orders, ms. */
const REST_MS = 300_000;
/** Of the orders, those whose events went to both instances of a service. */
const CROSSING = 0.2;
const INSTANCES = 2;
const HEAP = '--max-old-space-size=192';

/** One seeded run, from an empty folder to the verdict. What was wrong is in the report; throws what kept it from one. */
export async function runFaults(options: RunOptions): Promise<RunReport> {
  const { seed, brokers, signal } = options;
  const proxies = createProxies();
  const system = await openSystem(`faults ${seed}`, {
    seed,
    brokers,
    instances: INSTANCES,
    route: proxies.route,
    beforeServices: makeAssignmentsCross,
    nodeArguments: [HEAP],
    wantsSmallDisk: true,
    ...(signal && { signal }),
  });
  let isWell = false;
  try {
    const report = await breakAndJudge(system, proxies, options);
    isWell = report.violations.length === 0;
    return report;
  } finally {
    await proxies.close();
    await system.close({ keepLogs: !isWell && signal?.aborted !== true });
  }
}

function createField(system: OpenSystem, proxies: Proxies, setup: Setup, firing: () => Firing): Field {
  const { stack, databases, disk, random, say } = system;
  const kafka = new Kafka({
    clientId: 'faults',
    brokers: [...stack.addresses.kafka.brokers],
    logLevel: logLevel.NOTHING,
  });
  return {
    stack,
    databases,
    disk,
    random,
    say,
    setup,
    proxies,
    kafka,
    locks: createLocks(),
    planted: new Set(),
    atRest: (kind, look) => firing().atRest(kind, look),
    complain: (complaint) => firing().complain(complaint),
  };
}

async function breakAndJudge(system: OpenSystem, proxies: Proxies, options: RunOptions): Promise<RunReport> {
  const { seed, orders, seconds, brokers, faults, signal } = options;
  const { stack, say, random } = system;
  const startedAt = new Date();
  const setup: Setup = { services: serviceNames, instances: Object.keys(stack.addresses.services), brokers };
  const plan = planFaults({ seed, kinds: faultKinds, setup, orders, faults });
  const field = createField(system, proxies, setup, () => firing);
  const firing = createFiring(field, faultKinds, seed);
  say(`${plan.length} faults:\n${plan.map((fault) => `    ${describeFault(fault)}`).join('\n')}`);
  const assignments = await readAssignments(stack.addresses);
  const workload = startWorkload({
    addresses: stack.addresses,
    // They go on coming until the last fault is over.
    orders: planOrders(orders * 3, random),
    everyMs: (seconds * 1_000) / orders,
  });
  const stopTelling = tellProgress(system, workload);
  try {
    await unlessAborted(fireAll(plan, workload, firing), signal);
    const healedAt = Date.now();
    say('all faults are over');
    await unlessAborted(sent(workload, orders), signal);
    workload.close();
    const answered = workload.done.catch((error: unknown) => field.complain(String(error)));
    await unlessAborted(answered, signal);
    say(`all have their answer: ${tally(workload.attempts.map(({ result }) => result))}`);
    const endedMs = await untilEnded(system, Math.max(healedAt, Date.now()));
    await settlePlanted(field);
    await waitForRest(stack.addresses, [], { timeoutMs: REST_MS });
    const restMs = Date.now() - healedAt;
    const findings = await judge(system, [workload]);
    await firing.lookAtRest();
    const crossing = await shareOfCrossing(stack.addresses, assignments);
    return createReport({
      options,
      startedAt,
      plan,
      workload,
      firing,
      findings: [...findings, ...tooFewCrossing(crossing), ...tooLate(endedMs)],
      endedMs,
      restMs,
    });
  } finally {
    workload.close();
    stopTelling();
  }
}

/** Each at its moment; answers when the last is over. */
async function fireAll(plan: readonly PlannedFault[], workload: Workload, firing: Firing): Promise<void> {
  const fired: Promise<void>[] = [];
  for (const [index, fault] of plan.entries()) {
    await sent(workload, fault.afterSent);
    fired.push(firing.fire(fault, index));
  }
  await Promise.all(fired);
}

const HOUR_MS = 3_600_000;

const sent = (workload: Workload, count: number): Promise<true> =>
  eventually(() => workload.sent >= count || undefined, {
    timeoutMs: HOUR_MS,
    what: `${count} customers have come`,
  });

function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return work;
  const aborted = new Promise<never>((_, reject) => {
    const abort = () => reject(signal.reason instanceof Error ? signal.reason : new Error('Aborted'));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  return Promise.race([work, aborted]);
}

/** How long after the given time, epoch ms, the last order had its end. */
async function untilEnded({ stack, say }: OpenSystem, from: number): Promise<number> {
  const shop = createShop(stack.addresses);
  let pending = 0;
  await eventually(
    async () => {
      pending = (await shop.listOrders({ status: 'PENDING' })).length;
      return pending === 0;
    },
    { timeoutMs: END_WITHIN_MS + LOOK_MS, what: 'every order is at its end' },
  ).catch((error: unknown) => say(`${pending} orders are pending: ${String(error)}`));
  const tookMs = pending === 0 ? Date.now() - from : Number.POSITIVE_INFINITY;
  say(`every order is at its end ${(tookMs / 1_000).toFixed(1)} s after the last fault`);
  return tookMs;
}

const tooLate = (endedMs: number): string[] =>
  endedMs <= END_WITHIN_MS ? [] : [`the last order was at its end ${endedMs} ms after the last fault`];

const tooFewCrossing = (shares: ReadonlyMap<string, number>): string[] =>
  [...shares].flatMap(([service, share]) =>
    share > CROSSING
      ? []
      : [`only ${Math.round(share * 100)} % of the orders were with both instances of ${service}`],
  );
