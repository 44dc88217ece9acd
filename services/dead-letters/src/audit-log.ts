import type { GroupName } from '@skald/contracts';
import type { AuditAnswer } from './answer.ts';
import type { OperatorClient } from './operator-client.ts';

type Entry = AuditAnswer['entries'][number];

/**
 * The newest entries of the services' logs, together. Each service keeps its own, in the transaction that it tells of, and
 * tells it from its beginning.
 */
export async function gatherLog(
  operator: Pick<OperatorClient, 'log' | 'knows'>,
  groups: readonly GroupName[],
  limit: number,
): Promise<AuditAnswer> {
  const missing: string[] = [];
  const logs = await Promise.all(
    groups.map(async (group) => {
      try {
        return await newestOf(operator, group, limit);
      } catch (error) {
        missing.push(error instanceof Error ? error.message : String(error));
        return [];
      }
    }),
  );
  const entries = logs.flat().sort(newestFirst).slice(0, limit);
  return { entries, missing };
}

async function newestOf(
  operator: Pick<OperatorClient, 'log'>,
  group: GroupName,
  limit: number,
): Promise<Entry[]> {
  let newest: Entry[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const page = await operator.log(group, after);
    newest = [...newest, ...page.entries.map((entry) => ({ group, ...entry }))].slice(-limit);
    after = page.next;
  }
  return newest;
}

const newestFirst = (one: Entry, other: Entry): number =>
  Date.parse(other.at) - Date.parse(one.at) || other.id - one.id;
