import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@skald/testkit';
import { type FaultKind, type Field, grown } from '../fault.ts';
import type { Dependency } from '../proxies.ts';
import type { ProxyCounts, ProxyMode } from '../proxy.ts';
import { untilReady } from '../recovery.ts';

const called: Readonly<Record<Dependency, string>> = {
  kafka: 'Kafka',
  postgres: 'Postgres',
  registry: 'the registry',
};

interface NetworkFault {
  readonly verb: string;
  readonly dependency: Dependency;
  readonly lastsMs: readonly [number, number];
  readonly told: Partial<Record<keyof ProxyCounts, string>>;
  mode(random: { int(from: number, to: number): number }): ProxyMode;
}

function networkFault({ verb, dependency, lastsMs, told, mode }: NetworkFault): FaultKind {
  return {
    name: `${verb} ${called[dependency]}`,
    family: 'network',
    targets: ({ instances }) => instances,
    lastsMs,
    fire: (field, fault, random) =>
      field.locks.hold([fault.target], async () => {
        const { proxies } = field;
        const count = () => proxies.counts(fault.target, dependency);
        const before = count();
        proxies.set(fault.target, dependency, mode(random));
        try {
          // The registry is asked by who starts.
          if (dependency === 'registry') await field.stack.kill(fault.target);
          await pause(fault.lastsMs);
          // Who has lost its connections to another fault may not knock for a while.
          await somethingSeen(field, () => grown(before, count(), told));
        } finally {
          proxies.set(fault.target, dependency, { kind: 'pass' });
        }
        await untilReady(field, [fault.target]);
        return grown(before, count(), told);
      }),
  };
}

const SEEN_MS = 60_000;

async function somethingSeen(field: Field, look: () => Readonly<Record<string, number>>): Promise<void> {
  await eventually(() => Object.values(look()).some((count) => count > 0), {
    timeoutMs: SEEN_MS,
    what: 'something of the fault is seen',
  }).catch((error: unknown) => field.say(String(error)));
}

const resets = (dependency: Dependency): FaultKind =>
  networkFault({
    verb: 'TCP reset to',
    dependency,
    lastsMs: [200, 4_000],
    told: { reset: 'connections reset' },
    mode: () => ({ kind: 'reset' }),
  });

const blackHoles = (dependency: Dependency): FaultKind =>
  networkFault({
    verb: 'black hole to',
    dependency,
    lastsMs: [4_000, 12_000],
    told: { held: 'connections held' },
    mode: () => ({ kind: 'black hole' }),
  });

const latencies = (dependency: Dependency): FaultKind =>
  networkFault({
    verb: 'latency to',
    dependency,
    lastsMs: [4_000, 10_000],
    told: { delayed: 'packets delayed' },
    mode: (random) => ({ kind: 'latency', ms: random.int(50, 500) }),
  });

const CUT_MS = 120_000;

/** Until at least one was cut: what is rare takes its time. */
export const cutCommits: FaultKind = {
  name: 'cut before the commit’s answer',
  family: 'network',
  targets: ({ instances }) => instances,
  lastsMs: [500, 3_000],
  fire: (field, { target, lastsMs }) =>
    field.locks.hold([target, 'postgres'], async () => {
      const { proxies } = field;
      await untilReady(field, [target]);
      const count = () => proxies.counts(target, 'postgres');
      const before = count();
      proxies.set(target, 'postgres', { kind: 'cut before the commit’s answer' });
      try {
        await pause(lastsMs);
        await eventually(() => count().commitsCut > before.commitsCut, {
          timeoutMs: CUT_MS,
          what: `${target} commits`,
        }).catch((error: unknown) => field.say(String(error)));
      } finally {
        proxies.set(target, 'postgres', { kind: 'pass' });
      }
      await untilReady(field, [target]);
      return grown(before, count(), { commitsCut: 'commits carried out whose answer was cut' });
    }),
};

/** The instance starts while the registry resets whoever comes. */
export const resetRegistry = resets('registry');

export const networkFaults: readonly FaultKind[] = [
  resets('kafka'),
  resets('postgres'),
  resetRegistry,
  blackHoles('kafka'),
  blackHoles('postgres'),
  latencies('kafka'),
  latencies('postgres'),
  cutCommits,
];
