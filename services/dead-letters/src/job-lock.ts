import type { GroupName } from '@skald/contracts';
import type { Connection } from '@skald/messaging';
import { Problem } from '@skald/service-kit';

/** Any number, so that these locks meet no others. */
const LOCKS = 1_745_310;

export interface JobLock {
  /** False once the connection is lost, and the lock with it. */
  readonly isHeld: boolean;
  release(): Promise<void>;
}

/**
 * One job that changes many at a time for each service, whichever instance of ours does it. Lost with the connection.
 * @throws Problem 409 where another one is under way
 */
export async function lockJob(
  connect: () => Promise<Connection>,
  groups: readonly GroupName[],
): Promise<JobLock> {
  const connection = await connect();
  try {
    // Always in the same order, or two could hold what the other wants.
    for (const group of [...groups].sort()) {
      const [row] = await connection.query<{ locked: boolean }>(
        'SELECT pg_try_advisory_lock($1, hashtext($2)) AS locked',
        [LOCKS, group],
      );
      if (row?.locked !== true) throw underWay(group);
    }
  } catch (error) {
    await connection.close();
    throw error;
  }
  return {
    get isHeld() {
      return connection.usable;
    },
    release: () => connection.close(),
  };
}

const underWay = (group: GroupName): Problem =>
  new Problem({
    status: 409,
    type: 'urn:skald:problem:job-under-way',
    title: 'Another job is under way',
    detail: `Dead letters of ${group} are being redriven or discarded already: wait for its end`,
  });
