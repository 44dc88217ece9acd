import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@skald/testkit';
import type { FaultKind } from '../fault.ts';
import { watchLog } from '../log-watch.ts';
import { untilReady } from '../recovery.ts';

const SEEN_MS = 60_000;

/** Not a byte more fits on Postgres's disk, until it has said so and some time has passed. */
export const fullDisk: FaultKind = {
  name: 'full disk under Postgres',
  family: 'disk',
  targets: () => ['postgres'],
  lastsMs: [2_000, 6_000],
  unavailable: ({ disk }) => (disk === undefined ? 'no disk could be mounted here (root may)' : undefined),
  fire: (field, { target, lastsMs }) =>
    field.locks.hold([target], async () => {
      const { disk, stack } = field;
      if (disk === undefined) return {};
      await untilReady(field, [target]);
      const log = await watchLog(stack, target);
      const complaints = () => log.count('No space left on device');
      await disk.fill();
      try {
        await eventually(async () => (await complaints()) > 0, {
          timeoutMs: SEEN_MS,
          what: 'Postgres wants more room',
        }).catch((error: unknown) => field.say(String(error)));
        await pause(lastsMs);
      } finally {
        await disk.empty();
      }
      await untilReady(field, [target]);
      return { 'times that Postgres found no room': await complaints() };
    }),
};
