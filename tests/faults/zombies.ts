import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createTopicReader } from '@skald/auditor';
import { groups, type ServiceName, serviceNames } from '@skald/contracts';
import { eventually } from '@skald/testkit';
import { expect } from 'vitest';
import { nextConfirmed } from './recovery.ts';
import type { System } from './system.ts';

/** A paused one is given up after 10 s at the latest, by whoever it is: far more on a busy machine, ms. */
const GIVEN_UP_MS = 60_000;

/**
 * Pauses the first instance of every service until everybody takes it for dead and the second does its work, then
 * lets it go on where it was: with what it had fetched, was about to save, to publish or to send.
 */
export async function makeZombies(system: System): Promise<void> {
  const { stack, say } = system;
  const pids = serviceNames.flatMap((name) => stack.pid(name) ?? []);
  expect(pids).toHaveLength(serviceNames.length);
  const wake = createAlarm(pids);
  try {
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    say('the first instance of every service is paused');
    await Promise.all(serviceNames.map((name) => givenUp(system, name)));
    await nextConfirmed(system, Date.now());
    say('the second instances have taken over: an order is confirmed');
  } finally {
    await wake();
  }
  say('the paused ones go on');
}

/**
 * Wakes paused processes when it is called, and when this process is gone without having called it: one that is paused
 * hears of nobody's end, and would stay for ever.
 */
function createAlarm(pids: readonly number[]): () => Promise<void> {
  const alarm = spawn('sh', ['-c', `read -r _; kill -CONT ${pids.join(' ')}`], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  });
  const rung = once(alarm, 'exit');
  return async () => {
    alarm.stdin.end();
    await rung;
  };
}

/** Its partitions and its effects are another's now. */
async function givenUp({ stack, databases }: System, service: ServiceName): Promise<void> {
  const reader = createTopicReader(stack.addresses);
  try {
    const partitions = (await reader.ends(groups[service])).length;
    await eventually(
      async () => {
        const held = await reader.assignments(service);
        const [row] = await databases.query<{ count: number }>(
          service,
          'SELECT count(*) AS count FROM messaging.live_instances',
        );
        return held.size === partitions && new Set(held.values()).size === 1 && row?.count === 1;
      },
      { timeoutMs: GIVEN_UP_MS, what: `the paused ${service} counts as dead` },
    );
  } finally {
    await reader.close();
  }
}
