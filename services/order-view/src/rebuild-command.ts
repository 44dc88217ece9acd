import { parseArgs } from 'node:util';

export interface RebuildCommand {
  readonly task: 'rebuild' | 'rollback';
  readonly isDryRun: boolean;
  readonly acceptsDifferences: boolean;
  readonly keep: number;
  readonly patienceMs: number;
  readonly directory: string;
  readonly json: boolean;
}

/** The arguments are wrong: says so in one sentence. */
export class UsageError extends Error {}

export const help = `npm run rebuild [-- options]

Builds the read model of order-view again from the first record of its topics, beside the live one, and while that goes on. Then it
compares the two, and where they say the same, switches to the new one at once. Whoever reads notices nothing.

  --dry-run             builds and compares, switches nothing, and drops what was built
  --accept-differences  what the log says counts: switches whatever the comparison says, and order-view folds on from there.
                        After a changed fold: first deploy it, then this
  --rollback            back to the generation that was live before, once it has caught up
  --keep <n>            generations to keep for a rollback (1)
  --patience <seconds>  how long order-view may take to catch up with what is in the topics (60)
  --directory <dir>     the data folder of the stack (.skald), where its addresses are noted. DATABASE_URL (of order-view),
                        KAFKA_BROKERS and SCHEMA_REGISTRY_URL count first
  --json                the report as JSON
  --help                this

Exit codes: 0 done, and the same; or different, and accepted. 1 different: nothing was switched. 2 it could not be run: something is
away, another rebuild is at work, there is nothing to go back to, an option is wrong; the live one is as it was. 130, 143: interrupted
likewise. What was half built when a rebuild was killed, the next one drops.`;

const flags = {
  'dry-run': { type: 'boolean', default: false },
  'accept-differences': { type: 'boolean', default: false },
  rollback: { type: 'boolean', default: false },
  keep: { type: 'string', default: '1' },
  patience: { type: 'string', default: '60' },
  directory: { type: 'string', default: '.skald' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Undefined where help was asked for. Throws UsageError. */
export function parseCommand(args: readonly string[]): RebuildCommand | undefined {
  const values = parseFlags(args);
  if (values.help) return undefined;
  const { rollback, 'dry-run': isDryRun, 'accept-differences': acceptsDifferences } = values;
  if ([rollback, isDryRun, acceptsDifferences].filter(Boolean).length > 1)
    throw new UsageError('--rollback, --dry-run and --accept-differences exclude each other');
  return {
    task: rollback ? 'rollback' : 'rebuild',
    isDryRun,
    acceptsDifferences,
    keep: wholeNumber('keep', values.keep, 0),
    patienceMs: wholeNumber('patience', values.patience, 1) * 1_000,
    directory: values.directory,
    json: values.json,
  };
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, strict: true }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(flag: string, value: string, least: number): number {
  const number = Number(value);
  if (/^\d{1,6}$/.test(value) && number >= least) return number;
  throw new UsageError(`--${flag}: a whole number from ${least} on, not '${value}'`);
}
