import { type FaultKind, grown } from '../fault.ts';
import { lastUntilSeen } from '../lasting.ts';
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
          await lastUntilSeen(field, fault.lastsMs, () => grown(before, count(), told));
        } finally {
          proxies.set(fault.target, dependency, { kind: 'pass' });
        }
        await untilReady(field, [fault.target]);
        return grown(before, count(), told);
      }),
  };
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

export const cutCommits: FaultKind = {
  name: 'cut before the commit’s answer',
  family: 'network',
  targets: ({ instances }) => instances,
  lastsMs: [500, 3_000],
  fire: (field, { target, lastsMs }) =>
    field.locks.hold([target, 'postgres'], async () => {
      const { proxies } = field;
      await untilReady(field, [target]);
      const before = proxies.counts(target, 'postgres');
      const seen = () =>
        grown(before, proxies.counts(target, 'postgres'), {
          commitsCut: 'commits carried out whose answer was cut',
        });
      proxies.set(target, 'postgres', { kind: 'cut before the commit’s answer' });
      try {
        await lastUntilSeen(field, lastsMs, seen);
      } finally {
        proxies.set(target, 'postgres', { kind: 'pass' });
      }
      await untilReady(field, [target]);
      return seen();
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
