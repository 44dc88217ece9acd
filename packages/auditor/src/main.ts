import { readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { createProgressLine, UsageError } from '@skald/command-line';
import { type AuditOptions, audit } from './audit.ts';
import { findWitnesses } from './config.ts';
import { type CommandOptions, help, parseOptions } from './options.ts';
import { serveMetrics } from './serve.ts';
import { tableOf } from './table.ts';
import { WitnessAway } from './witnesses.ts';

/** The command: see `--help`. Exit code 0: clean; 1: something is violated; 2: it could not be audited. */
async function main(options: CommandOptions): Promise<number> {
  const witnesses = findWitnesses(options);
  const auditOptions: AuditOptions = {
    accepted: options.accepted === undefined ? [] : idsIn(options.accepted),
    noPoison: options.noPoison,
    mailboxIsWhole: options.wholeMailbox,
    stuckAfterMs: options.stuckAfterMs,
    ignoreSources: options.ignoreSources,
  };
  const { everyMs, share, port } = options;
  if (everyMs !== undefined) {
    // Nobody waits for it: whatever it looks at goes first.
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
    await serveMetrics(() => audit(witnesses, auditOptions), { everyMs, share, port, say });
    // An audit that was under way still holds connections: there is nothing in it to be saved.
    process.exit(0);
  }
  const progress = createProgressLine(process.stderr);
  try {
    const report = await audit(witnesses, { ...auditOptions, onProgress: progress.tell });
    progress.end();
    process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : tableOf(report));
    return report.verdict === 'clean' ? 0 : 1;
  } finally {
    progress.end();
  }
}

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

function idsIn(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split(/\s+/).filter(Boolean);
  } catch (cause) {
    throw new UsageError(`--accepted: ${path} can't be read`, { cause });
  }
}

/** A witness that is away is no violation; a mistake of ours is none, either. */
function explain(error: unknown): string {
  if (error instanceof WitnessAway || error instanceof UsageError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) process.stdout.write(`${help}\n`);
  else process.exitCode = await main(options);
} catch (error) {
  say(`Could not audit: ${explain(error)}`);
  process.exitCode = 2;
}
