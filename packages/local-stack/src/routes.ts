import type { StackAddresses } from './addresses.ts';
import { brokerName } from './kafka.ts';
import type { KafkaListener } from './kafka-settings.ts';
import { host, type PortReservation } from './ports.ts';
import { registryUrl } from './registry.ts';

/** Ports on the loopback of what a service instance stands on. */
export interface DependencyPorts {
  /** Of each broker: a listener that is this instance's alone. */
  readonly kafka: readonly number[];
  readonly registry: number;
  readonly postgres: number;
}

/**
 * Puts something between an instance and what it stands on: is told where that is, before anything runs, and answers
 * what the instance is told instead. The brokers advertise the answered ports on the instance's own listeners.
 */
export type Route = (instance: string, ports: DependencyPorts) => Promise<DependencyPorts>;

export interface Routes {
  /** Of the broker with this id, from 1. */
  listeners(broker: number): readonly KafkaListener[];
  /** What the instance sees. */
  addressesOf(instance: string, addresses: StackAddresses): StackAddresses;
}

const listenerPort = (broker: number, instance: string): string => `${brokerName(broker)}:${instance}`;

const range = (brokers: number): number[] => Array.from({ length: brokers }, (_, index) => index + 1);

/** The ports that listeners of the instances' own need; none where nothing stands between. */
export const routePorts = (
  route: Route | undefined,
  instances: readonly string[],
  brokers: number,
): string[] =>
  route === undefined
    ? []
    : instances.flatMap((instance) => range(brokers).map((broker) => listenerPort(broker, instance)));

export async function openRoutes(
  route: Route | undefined,
  instances: readonly string[],
  brokers: number,
  { ports }: PortReservation,
): Promise<Routes> {
  if (route === undefined) return { listeners: () => [], addressesOf: (_, addresses) => addresses };
  const told = new Map<string, DependencyPorts>();
  for (const instance of instances) {
    const kafka = range(brokers).map((broker) => ports[listenerPort(broker, instance)] ?? 0);
    const behind = { kafka, registry: ports['registry'] ?? 0, postgres: ports['postgres'] ?? 0 };
    told.set(instance, await route(instance, behind));
  }
  return {
    listeners: (broker) =>
      [...told].map(([instance, { kafka }]) => ({
        name: instance,
        port: ports[listenerPort(broker, instance)] ?? 0,
        advertisedPort: kafka[broker - 1] ?? 0,
      })),
    addressesOf(instance, addresses) {
      const seen = told.get(instance);
      if (seen === undefined) return addresses;
      return {
        ...addresses,
        kafka: { brokers: seen.kafka.map((port) => `${host}:${port}`) },
        registry: registryUrl(seen.registry),
        postgres: Object.fromEntries(
          Object.entries(addresses.postgres).map(([name, url]) => [name, withPort(url, seen.postgres)]),
        ),
      };
    },
  };
}

function withPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
}
