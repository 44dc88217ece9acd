import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type ServiceName, serviceNames } from '@skald/contracts';
import type { StackAddresses } from '@skald/local-stack';
import type { TestStack } from '@skald/testkit';
import { freePort } from './free-port.ts';
import { type Infrastructure, startInfrastructure } from './infrastructure.ts';
import { createProgram, type Program, runProgram } from './program.ts';

export interface ContainerStackOptions {
  /** Where containers can be reached, as the engine says. */
  readonly host: string;
  /** For logs. */
  readonly directory: string;
  /** Beside what every service needs. */
  readonly environment: Partial<Record<ServiceName, Readonly<Record<string, string>>>>;
}

const local = '127.0.0.1';

/**
 * The system on containers: Kafka, registry, Postgres and mail in them, the services as processes of this machine that
 * are told by their documented environment where everything is, and by nothing else.
 */
export async function startContainerStack(options: ContainerStackOptions): Promise<TestStack> {
  const infrastructure = await startInfrastructure(options.host);
  const programs = new Map<string, Program>();
  const stopPrograms = async () => {
    await Promise.all([...programs.values()].map((program) => program.stop()));
  };
  try {
    const addresses = await startPrograms(options, infrastructure, programs);
    const find = (name: string): Program => {
      const program = programs.get(name);
      if (program === undefined) throw new Error(`${name} is no process of this stack`);
      return program;
    };
    return {
      addresses,
      administratorUrl: infrastructure.administratorUrl,
      ready: (name) => find(name).ready(),
      startProcess: (name) => find(name).start(),
      stopProcess: (name, signal) => find(name).stop(signal),
      async kill(name, signal = 'SIGKILL') {
        await find(name).stop(signal);
        await find(name).start();
      },
      async stop() {
        await stopPrograms();
        await infrastructure.stop();
      },
    };
  } catch (error) {
    await stopPrograms();
    await infrastructure.stop();
    throw error;
  }
}

async function startPrograms(
  { directory, environment }: ContainerStackOptions,
  { addresses }: Infrastructure,
  programs: Map<string, Program>,
): Promise<StackAddresses> {
  const remote = {
    KAFKA_BROKERS: addresses.kafka.brokers.join(','),
    SCHEMA_REGISTRY_URL: addresses.registry,
  };
  const logFile = (name: string) => join(directory, `${name}.log`);
  const define = async (name: string, file: string, own: Readonly<Record<string, string>>, probe: string) => {
    const port = await freePort();
    const url = `http://${local}:${port}`;
    programs.set(
      name,
      createProgram({
        name,
        file,
        environment: { HTTP_HOST: local, HTTP_PORT: String(port), ...own },
        logFile: logFile(name),
        readyUrl: `${url}${probe}`,
      }),
    );
    return url;
  };

  await runProgram({
    name: 'provision',
    file: 'packages/messaging/dist/provision-main.js',
    environment: remote,
    logFile: logFile('provision'),
  });
  const paymentProvider = await define(
    'payment-provider',
    'services/payment/dist/simulator-main.js',
    { LEDGER_FILE: join(directory, 'payment-provider.ledger') },
    '/livez',
  );
  const own: Partial<Record<ServiceName, Record<string, string>>> = {
    payment: { PAYMENT_PROVIDER_URL: paymentProvider },
    email: { SMTP_URL: addresses.mail.smtp },
  };
  const operatorToken = randomUUID();
  const services: Record<string, string> = {};
  for (const name of serviceNames) {
    const variables = {
      DATABASE_URL: addresses.postgres[name] ?? '',
      OPERATOR_TOKEN: operatorToken,
      ...remote,
      ...own[name],
      ...environment[name],
    };
    services[name] = await define(name, `services/${name}/dist/main.js`, variables, '/readyz');
  }
  await Promise.all([...programs.values()].map((program) => program.start()));
  return { ...addresses, services, paymentProvider, operatorToken, pids: {} };
}
