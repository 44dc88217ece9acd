import { setTimeout as pause } from 'node:timers/promises';
import { groups } from '@skald/contracts';
import { eventually } from '@skald/testkit';
import { createAlarm } from '../alarm.ts';
import type { FaultKind, Field } from '../fault.ts';
import { watchLog } from '../log-watch.ts';
import { withReader } from '../reading.ts';
import { untilReady } from '../recovery.ts';
import { brokersOf, instancesOf, serviceOf } from './kills.ts';

/** A paused one is given up after 10 s at the latest, by whoever it is: far more on a busy machine without a broker, ms. */
const GIVEN_UP_MS = 180_000;

/**
 * An instance is stopped until its group and its fellow take it for dead, and goes on where it was: with what it had
 * fetched, was about to save, to publish or to send.
 */
export const pauseInstance: FaultKind = {
  name: 'pause of an instance past its session',
  family: 'process',
  targets: ({ instances }) => instances,
  fire: (field, { target }) =>
    // With its fellow: somebody has to take over. And with those who see that it is gone: a broker that was paused for 14 s
    // at the same moment (Kafka 4.1) has been seen to keep the dead member's partitions for minutes.
    field.locks.hold([...instancesOf(serviceOf(target)), 'postgres', ...brokersOf(field)], async () => {
      const { stack } = field;
      await untilReady(field, [target]);
      const pid = stack.pid(target);
      if (pid === undefined) return {};
      await holders(field, target, 2);
      const wake = createAlarm([pid]);
      try {
        process.kill(pid, 'SIGSTOP');
        await holders(field, target, 1);
      } finally {
        await wake();
      }
      await untilReady(field, [target]);
      return { 'instances taken for dead that woke up': stack.pid(target) === pid ? 1 : 0 };
    }),
};

/** So many instances share its service's partitions, and count as alive: with one left, that is its fellow. */
async function holders({ stack, databases }: Field, instance: string, count: number): Promise<void> {
  const service = serviceOf(instance);
  await eventually(
    () =>
      withReader(stack.addresses, async (reader) => {
        const held = await reader.assignments(service);
        const partitions = (await reader.ends(groups[service])).length;
        const [row] = await databases.query<{ count: number }>(
          service,
          'SELECT count(*) AS count FROM messaging.live_instances',
        );
        return held.size >= partitions && new Set(held.values()).size === count && row?.count === count;
      }),
    { timeoutMs: GIVEN_UP_MS, everyMs: 250, what: `of the instances of ${service} ${count} are alive` },
  );
}

/** Longer than clients wait for an answer. */
export const pauseBroker: FaultKind = {
  name: 'pause of a broker',
  family: 'process',
  targets: ({ brokers }) => ['kafka', 'kafka-2', 'kafka-3'].slice(0, brokers),
  lastsMs: [11_000, 14_000],
  fire: (field, { target, lastsMs }) =>
    field.locks.hold(brokersOf(field), async () => {
      const { stack, setup } = field;
      await untilReady(field, [target]);
      const pid = stack.pid(target);
      if (pid === undefined) return {};
      const logs = await Promise.all(setup.instances.map((name) => watchLog(stack, name)));
      const wake = createAlarm([pid]);
      try {
        process.kill(pid, 'SIGSTOP');
        await pause(lastsMs);
      } finally {
        await wake();
      }
      await untilReady(field, [target]);
      const felt = async () => {
        const counts = logs.flatMap((log) => [log.count('partitions assigned'), log.count('Kafka')]);
        return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
      };
      await eventually(async () => (await felt()) > 0, { timeoutMs: FELT_MS }).catch(() => undefined);
      return {
        'brokers that woke up': stack.pid(target) === pid ? 1 : 0,
        'rebalances and warnings of instances': await felt(),
      };
    }),
};

const FELT_MS = 20_000;
