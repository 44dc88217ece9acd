import type { FaultKind } from '../fault.ts';
import { lastUntilSeen } from '../lasting.ts';
import { watchLog } from '../log-watch.ts';
import { untilReady } from '../recovery.ts';

/** Not a byte more fits on Postgres's disk, for a while and until it has said so. */
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
      const seen = async () => ({
        'times that Postgres found no room': await log.count('No space left on device'),
      });
      await disk.fill();
      try {
        await lastUntilSeen(field, lastsMs, seen);
      } finally {
        await disk.empty();
      }
      await untilReady(field, [target]);
      return await seen();
    }),
};
