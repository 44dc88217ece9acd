import type { DependencyPorts, Route } from '@skald/local-stack';
import { noCounts, openProxy, type ProxyCounts, type ProxyMode, type TcpProxy } from './proxy.ts';

export type Dependency = 'kafka' | 'postgres' | 'registry';

/** Between each instance of a service and each thing that it stands on: one proxy, for each broker one. */
export interface Proxies {
  /** What the stack asks while it starts. */
  readonly route: Route;
  set(instance: string, dependency: Dependency, mode: ProxyMode): void;
  /** What the instance's proxies to it have counted. */
  counts(instance: string, dependency: Dependency): ProxyCounts;
  /** What all instances' proxies to it have counted. */
  total(dependency: Dependency): ProxyCounts;
  /** All let everything through. */
  heal(): void;
  close(): Promise<void>;
}

export function createProxies(): Proxies {
  const open = new Map<string, Readonly<Record<Dependency, readonly TcpProxy[]>>>();

  const proxiesOf = (instance: string, dependency: Dependency): readonly TcpProxy[] => {
    const found = open.get(instance)?.[dependency];
    if (found === undefined) throw new Error(`There is no instance ${instance} behind proxies`);
    return found;
  };
  const all = () => [...open.values()].flatMap((byDependency) => Object.values(byDependency).flat());

  async function route(instance: string, ports: DependencyPorts): Promise<DependencyPorts> {
    const [registry, postgres, ...kafka] = await Promise.all([
      openProxy({ target: ports.registry }),
      openProxy({ target: ports.postgres, isPostgres: true }),
      ...ports.kafka.map((target) => openProxy({ target })),
    ]);
    open.set(instance, { kafka, registry: [registry], postgres: [postgres] });
    return {
      kafka: kafka.map(({ port }) => port),
      registry: registry.port,
      postgres: postgres.port,
    };
  }

  return {
    route,
    set(instance, dependency, mode) {
      for (const proxy of proxiesOf(instance, dependency)) proxy.set(mode);
    },
    counts: (instance, dependency) => sum(proxiesOf(instance, dependency)),
    total: (dependency) => sum([...open.values()].flatMap((of) => of[dependency])),
    heal() {
      for (const proxy of all()) proxy.set({ kind: 'pass' });
    },
    async close() {
      await Promise.all(all().map((proxy) => proxy.close()));
    },
  };
}

function sum(proxies: readonly TcpProxy[]): ProxyCounts {
  const total = noCounts();
  for (const { counts } of proxies) {
    for (const name of Object.keys(total) as (keyof ProxyCounts)[]) total[name] += counts[name];
  }
  return total;
}
