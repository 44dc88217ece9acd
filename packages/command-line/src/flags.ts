import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './errors.ts';

/** For `parseFlags`: a flag with a value, one that may come several times, one without, and what every command has. */
export const textFlag = { type: 'string' } as const;
export const textsFlag = { type: 'string', multiple: true } as const;
export const flag = { type: 'boolean' } as const;
export const helpFlag = { help: { type: 'boolean', short: 'h' } } as const;

/** `parseArgs` of node:util; what doesn't fit is a UsageError, with `hint` behind it: where the help is. */
export function parseFlags<Config extends ParseArgsConfig>(
  config: Config,
  hint = 'See --help',
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (cause) {
    const message = cause instanceof Error ? (cause.message.split('. ')[0] ?? '') : String(cause);
    throw new UsageError(`${message}\n${hint}`, { cause });
  }
}

/** Throws a UsageError that names the flag. */
export function wholeNumber(name: string, written: string, [least, most]: readonly [number, number]): number {
  const value = /^\d{1,15}$/.test(written) ? Number(written) : Number.NaN;
  if (!(value >= least && value <= most))
    throw new UsageError(`--${name} is a whole number from ${least} to ${most}, not ${written}`);
  return value;
}

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `500ms`, `30s`, `5m`, `2h`, as ms. Throws a UsageError that names the flag. */
export function duration(name: string, written: string): number {
  const ms = spanOf(written);
  if (ms === undefined || ms <= 0)
    throw new UsageError(`--${name} is a time such as 30s or 5m, not ${written}`);
  return ms;
}

/** `2026-01-31`, `2026-01-31T12:00Z`, or so long ago (`90m`, `2h`, `7d`), as ISO 8601. Throws a UsageError that names the flag. */
export function moment(name: string, written: string, now: number): string {
  const ago = spanOf(written);
  const at = ago === undefined ? Date.parse(written) : now - ago;
  if (Number.isNaN(at) || (ago === undefined && !/^\d{4}-\d\d-\d\d/.test(written)))
    throw new UsageError(
      `--${name} is a time (2026-01-31T12:00Z) or so long ago (90m, 2h, 7d), not ${written}`,
    );
  return new Date(at).toISOString();
}

function spanOf(written: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(written) ?? [];
  return count === undefined ? undefined : Number(count) * (UNITS_MS[unit] ?? Number.NaN);
}
