import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { StackAddresses } from './addresses.ts';
import { StackError } from './errors.ts';

const schema = z.object({
  ports: z.record(z.string(), z.int()),
  /** Of the Postgres roles, by name. */
  passwords: z.record(z.string(), z.string()),
  /** For the services' operator routes. */
  operatorToken: z.string().optional(),
});

/** Where an auditor reads: `npm run audit` finds it here; and the search engine, which a rebuild looks for, too. */
export type WitnessAddresses = Pick<
  StackAddresses,
  'kafka' | 'registry' | 'auditor' | 'paymentProvider' | 'mail' | 'search'
>;

/** What a stack must find again at its next start, and what others look up beside it. */
export type State = z.infer<typeof schema> & { readonly witnesses?: WitnessAddresses };

export function readState(path: string): State {
  if (!existsSync(path)) return { ports: {}, passwords: {} };
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new StackError(`${path} can't be read: start with --fresh, which wipes the data, or repair it`, {
      cause,
    });
  }
}

export function writeState(path: string, state: State): void {
  const aside = `${path}.new`;
  writeFileSync(aside, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(aside, path);
}

export const createSecret = (): string => randomBytes(18).toString('base64url');

/** The passwords for these roles: those there are, new ones for the others. */
export function passwordsFor(
  roles: readonly string[],
  known: Readonly<Record<string, string>>,
): Record<string, string> {
  const entries = roles.map((role) => [role, known[role] ?? createSecret()]);
  return { ...known, ...Object.fromEntries(entries) };
}
