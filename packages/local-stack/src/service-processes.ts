import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StackAddresses } from './addresses.ts';
import { StackError } from './errors.ts';
import { replicationOf } from './kafka-settings.ts';
import type { Command } from './launcher.ts';
import { host, type PortReservation } from './ports.ts';
import { complaintOf, httpAnswers } from './probes.ts';
import {
  auditProgram,
  type ProgramName,
  paymentProvider,
  provisioner,
  serviceEnvironment,
  services,
} from './services.ts';
import type { ProcessDefinition } from './supervised-process.ts';

/** Extra environment by service; `all` for each of them, the provider excepted. */
export type StackEnvironment = Partial<
  Record<ProgramName | 'all' | 'payment-provider' | 'auditor', Readonly<Record<string, string>>>
>;

export interface ServiceOptions {
  readonly directory: string;
  readonly addresses: StackAddresses;
  /** What an instance of a service sees. */
  addressesOf(instance: string): StackAddresses;
  readonly reservation: PortReservation;
  readonly environment: StackEnvironment;
  readonly nodeArguments: readonly string[];
  logFile(name: string): string;
}

const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** `order`, and `order-2` for the second instance. */
export const instanceName = (service: ProgramName, instance: number): string =>
  instance === 1 ? service : `${service}-${instance}`;

export function defineService(
  service: ProgramName,
  name: string,
  options: ServiceOptions,
): ProcessDefinition {
  const port = options.reservation.ports[name] ?? 0;
  let complaint: string | undefined;
  return {
    ...common(name, options),
    async answers() {
      complaint = await complaintOf(`http://${host}:${port}/readyz`);
      return complaint === '';
    },
    complaint: () => complaint,
    async command() {
      await options.reservation.release(name);
      return node(services[service].program, options.nodeArguments, {
        ...listening(port),
        ...serviceEnvironment(service, options.addressesOf(name)),
        ...options.environment.all,
        ...options.environment[service],
      });
    },
  };
}

export function definePaymentProvider(options: ServiceOptions): ProcessDefinition {
  const name = 'payment-provider';
  const port = options.reservation.ports[name] ?? 0;
  return {
    ...common(name, options),
    answers: () => httpAnswers(`http://${host}:${port}/livez`),
    async command() {
      await options.reservation.release(name);
      return node(paymentProvider.program, options.nodeArguments, {
        ...listening(port),
        LEDGER_FILE: join(options.directory, 'payment-provider.ledger'),
        ...options.environment[name],
      });
    },
  };
}

export function defineAuditor(options: ServiceOptions, audits: readonly string[]): ProcessDefinition {
  const name = 'auditor';
  const port = options.reservation.ports[name] ?? 0;
  return {
    ...common(name, options),
    answers: () => httpAnswers(`http://${host}:${port}/metrics`),
    async command() {
      await options.reservation.release(name);
      const command = node(auditProgram.program, [], { ...options.environment[name] });
      const own = [...audits, '--directory', options.directory, '--port', String(port)];
      return { ...command, arguments: [...command.arguments, ...own] };
    },
  };
}

/** Topics and schemas. */
export function provisionCommand({
  addresses,
  environment,
}: Pick<ServiceOptions, 'addresses' | 'environment'>): Command {
  return node(provisioner.program, [], {
    KAFKA_BROKERS: addresses.kafka.brokers.join(','),
    SCHEMA_REGISTRY_URL: addresses.registry,
    REPLICATION_FACTOR: String(replicationOf(addresses.kafka.brokers.length)),
    ...environment.all,
  });
}

const common = (name: string, { logFile }: ServiceOptions) =>
  ({
    name,
    logFile: logFile(name),
    readyWithin: 60_000,
    stopSignal: 'SIGTERM',
    stopWithin: 10_000,
  }) as const;

const listening = (port: number) => ({ HTTP_HOST: host, HTTP_PORT: String(port) });

function node(
  program: string,
  nodeArguments: readonly string[],
  environment: Record<string, string>,
): Command {
  const file = join(repository, program);
  if (!existsSync(file))
    throw new StackError(`${relative('.', file)} is missing: build first (npm run build)`);
  return { file: process.execPath, arguments: [...nodeArguments, file], environment };
}
