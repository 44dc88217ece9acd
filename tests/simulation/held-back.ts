import { type ServiceName, serviceNames } from '@skald/contracts';
import type { InboxRow } from './database/kernel-statements.ts';
import { type Place, unwritten } from './database/server.ts';
import type { World } from './world.ts';

/**
 * 12, at all times: behind a failed message nothing of its key in its topic is applied, but by whoever takes the parked
 * ones in.
 */
export function watchHeldBack(world: World): void {
  for (const service of serviceNames)
    world.databases[service].server.onCommit = (places) => look(world, service, places);
}

function look(world: World, service: ServiceName, places: readonly Place[]): void {
  for (const { table, key, committed, written } of places) {
    if (table.name !== 'inbox' || committed === undefined || written === undefined || written === unwritten)
      continue;
    const before = committed as InboxRow;
    if (before.parked.length === 0) continue;
    const after = written as InboxRow;
    for (const ordinal of before.parked) {
      const hasRisen = (after.applied[ordinal - 1] ?? 0) > (before.applied[ordinal - 1] ?? 0);
      const isDrained = places.some((place) => place.table.name === 'parked' && place.written !== unwritten);
      if (hasRisen && !isDrained)
        world.broken.push(`12: ${service} has applied an event of ${key} past a failed one`);
    }
  }
}
