import { groups, type ServiceName, serviceNames } from '@skald/contracts';
import { createTopicReader, eventually } from '@skald/testkit';
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
  await Promise.all(serviceNames.map((name) => stack.kill(name, 'SIGSTOP')));
  say('the first instance of every service is paused');
  await Promise.all(serviceNames.map((name) => givenUp(system, name)));
  const confirmedAt = await nextConfirmed(system, Date.now());
  say(
    `the second instances have taken over: an order is confirmed at ${new Date(confirmedAt).toISOString()}`,
  );
  await Promise.all(serviceNames.map((name) => stack.kill(name, 'SIGCONT')));
  say('the paused ones go on');
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
