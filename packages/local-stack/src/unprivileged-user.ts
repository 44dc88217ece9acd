import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { User } from './launcher.ts';

/**
 * Whom to run Postgres and the search engine as: undefined for ourselves. They refuse root, so root becomes `postgres` or
 * `nobody` for them.
 */
export function unprivilegedUser(paths: readonly string[]): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const { uid, gid } = lookUp('postgres') ?? lookUp('nobody') ?? { uid: 65_534, gid: 65_534 };
  return { uid, gid, reachesAll: paths.every(isReachable) };
}

/** Everybody may enter every folder on the way. */
function isReachable(path: string): boolean {
  const parent = dirname(path);
  if (parent === path) return true;
  return ((statSync(parent, { throwIfNoEntry: false })?.mode ?? 0) & 0o001) !== 0 && isReachable(parent);
}

function lookUp(name: string): { uid: number; gid: number } | undefined {
  const fields = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([user]) => user === name);
  return fields ? { uid: Number(fields[2]), gid: Number(fields[3]) } : undefined;
}
