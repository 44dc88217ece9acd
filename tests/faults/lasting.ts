import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@skald/testkit';
import type { Field, Seen } from './fault.ts';

/** How long a fault is kept up that nobody has run into, ms. */
const SEEN_MS = 120_000;

/**
 * Lets a fault last: its time, and until something of it was seen. Who was hit by another fault, or runs late on a busy
 * machine, may not come by for a while.
 */
export async function lastUntilSeen(
  { say }: Pick<Field, 'say'>,
  lastsMs: number,
  seen: () => Seen | Promise<Seen>,
): Promise<void> {
  await pause(lastsMs);
  await eventually(async () => Object.values(await seen()).some((count) => count > 0), {
    timeoutMs: SEEN_MS,
    what: 'something of the fault is seen',
  }).catch((error: unknown) => say(String(error)));
}
