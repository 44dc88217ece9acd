import { type ServiceName, serviceNames } from '@skald/contracts';
import { addSeen, type FaultKind, type Field, grown, type PlannedFault, type Seen } from '../fault.ts';
import { lastUntilSeen } from '../lasting.ts';
import { watchLog } from '../log-watch.ts';
import { untilReady } from '../recovery.ts';

/** A service's two instances. */
export const instancesOf = (service: string): string[] => [service, `${service}-2`];

export const brokersOf = ({ setup }: Field): string[] =>
  ['kafka', 'kafka-2', 'kafka-3'].slice(0, setup.brokers);

export const serviceOf = (instance: string): ServiceName => {
  const service = serviceNames.find((name) => instance === name || instance.startsWith(`${name}-`));
  if (service === undefined) throw new Error(`${instance} is no service`);
  return service;
};

/** kill -9, and until it answers again: the supervisor starts it. */
export async function killAndAwait(field: Field, names: readonly string[]): Promise<Seen> {
  const { stack, say } = field;
  await untilReady(field, names);
  const killedAt = Date.now();
  const exits = await Promise.all(names.map((name) => stack.kill(name)));
  await untilReady(field, names);
  say(`${names.join(' and ')} answer again after ${((Date.now() - killedAt) / 1_000).toFixed(1)} s`);
  return { 'processes ended by SIGKILL': exits.filter((exit) => exit?.signal === 'SIGKILL').length };
}

/** kill -9, and away for a while, and until that was seen. */
export async function killForAWhile(
  field: Field,
  { target: name, lastsMs }: Pick<PlannedFault, 'target' | 'lastsMs'>,
  seen: () => Seen | Promise<Seen>,
): Promise<Seen> {
  const { stack } = field;
  await untilReady(field, [name]);
  await stack.stopProcess(name, 'SIGKILL');
  try {
    await lastUntilSeen(field, lastsMs, seen);
  } finally {
    // One that takes too long is waited for.
    await stack.startProcess(name).catch(() => untilReady(field, [name]));
  }
  return await seen();
}

export const killInstance: FaultKind = {
  name: 'kill -9 of an instance',
  family: 'process',
  targets: ({ instances }) => instances,
  fire: (field, { target }) => field.locks.hold([target], () => killAndAwait(field, [target])),
};

export const killService: FaultKind = {
  name: 'kill -9 of all instances of a service',
  family: 'process',
  targets: ({ services }) => services,
  fire: (field, { target }) => {
    const names = instancesOf(target);
    return field.locks.hold(names, () => killAndAwait(field, names));
  },
};

export const killBroker: FaultKind = {
  name: 'kill -9 of the broker',
  family: 'process',
  targets: ({ brokers }) => (brokers === 1 ? ['kafka'] : []),
  lastsMs: [0, 6_000],
  fire: (field, fault) =>
    field.locks.hold([fault.target], () => {
      const before = field.proxies.total('kafka');
      const told = { lost: 'connections to Kafka lost or refused' };
      return killForAWhile(field, fault, () => grown(before, field.proxies.total('kafka'), told));
    }),
};

export const killPostgres: FaultKind = {
  name: 'kill -9 of Postgres',
  family: 'process',
  targets: () => ['postgres'],
  lastsMs: [0, 6_000],
  fire: (field, fault) =>
    field.locks.hold([fault.target], () => {
      const before = field.proxies.total('postgres');
      const told = { lost: 'connections to Postgres lost or refused' };
      return killForAWhile(field, fault, () => grown(before, field.proxies.total('postgres'), told));
    }),
};

/** Who is up does without it. So an instance dies meanwhile: it has to wait for it. */
export const killRegistry: FaultKind = {
  name: 'kill -9 of the registry',
  family: 'process',
  targets: ({ instances }) => instances,
  lastsMs: [4_000, 8_000],
  fire: (field, { target, lastsMs }) =>
    field.locks.hold(['registry', target], async () => {
      const { proxies, stack } = field;
      await untilReady(field, ['registry', target]);
      const before = proxies.counts(target, 'registry');
      const seen = () =>
        grown(before, proxies.counts(target, 'registry'), { lost: 'connections to the registry refused' });
      await stack.stopProcess('registry', 'SIGKILL');
      const exit = await stack.kill(target);
      await lastUntilSeen(field, lastsMs, seen);
      await stack.startProcess('registry').catch(() => untilReady(field, ['registry']));
      await untilReady(field, [target]);
      return addSeen({ 'processes ended by SIGKILL': exit?.signal === 'SIGKILL' ? 1 : 0 }, seen());
    }),
};

export const killProvider: FaultKind = {
  name: 'kill -9 of the payment provider',
  family: 'process',
  targets: () => ['payment-provider'],
  lastsMs: [1_000, 5_000],
  fire: (field, fault) =>
    field.locks.hold([fault.target], async () => {
      const logs = await Promise.all(instancesOf('payment').map((name) => watchLog(field.stack, name)));
      return await killForAWhile(field, fault, async () => {
        const warnings = await Promise.all(logs.map((log) => log.warnings()));
        return { 'warnings of payment': warnings.reduce((sum, count) => sum + count, 0) };
      });
    }),
};

/** Every service is asked to end, one instance after the other, as a deployment does it. */
export const rollingRestart: FaultKind = {
  name: 'rolling restart',
  family: 'process',
  targets: () => ['all'],
  async fire(field) {
    const inOrder = await Promise.all(
      field.setup.services.map(async (service) => {
        let count = 0;
        for (const name of instancesOf(service)) {
          if (await field.locks.hold([name], () => restart(field, name))) count += 1;
        }
        return count;
      }),
    );
    return { 'exits with code 0 in time': inOrder.reduce((sum, count) => sum + count, 0) };
  },
};

/** Answers whether it ended in order and in time. */
async function restart(field: Field, name: string): Promise<boolean> {
  const { stack, say, complain } = field;
  await untilReady(field, [name]);
  const toldAt = Date.now();
  const exit = await stack.kill(name, 'SIGTERM');
  const told = `${name} ended with ${exit?.code ?? exit?.signal} after ${Date.now() - toldAt} ms`;
  const isInOrder = exit?.code === 0 && Date.now() - toldAt < GRACE_MS;
  say(told);
  if (!isInOrder) complain(`SIGTERM: ${told}`);
  await untilReady(field, [name]);
  return isInOrder;
}

/** What Kubernetes and Compose are told to grant. */
const GRACE_MS = 10_000;
