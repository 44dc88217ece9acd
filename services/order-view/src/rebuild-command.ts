import { flag, helpFlag, parseFlags, textFlag, UsageError, wholeNumber } from '@skald/command-line';

export interface RebuildCommand {
  readonly task: 'rebuild' | 'rollback';
  readonly isDryRun: boolean;
  readonly acceptsDifferences: boolean;
  readonly keep: number;
  readonly patienceMs: number;
  readonly directory: string;
  readonly json: boolean;
}

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
                        KAFKA_BROKERS, SCHEMA_REGISTRY_URL and SEARCH_URL count first
  --json                the report as JSON
  --help                this

Exit codes: 0 done, and the same; or different, and accepted. 1 different: nothing was switched. 2 it could not be run: something is
away, another rebuild is at work, there is nothing to go back to, an option is wrong; the live one is as it was. 130, 143: interrupted
likewise. What was half built when a rebuild was killed, the next one drops.`;

const flags = {
  'dry-run': flag,
  'accept-differences': flag,
  rollback: flag,
  keep: textFlag,
  patience: textFlag,
  directory: textFlag,
  json: flag,
  ...helpFlag,
} as const;

const MOST = 999_999;

/** Undefined where help was asked for. Throws UsageError. */
export function parseCommand(args: readonly string[]): RebuildCommand | undefined {
  const { values } = parseFlags({ args: [...args], options: flags, strict: true });
  if (values.help === true) return undefined;
  const {
    rollback = false,
    'dry-run': isDryRun = false,
    'accept-differences': acceptsDifferences = false,
  } = values;
  if ([rollback, isDryRun, acceptsDifferences].filter(Boolean).length > 1)
    throw new UsageError('--rollback, --dry-run and --accept-differences exclude each other');
  return {
    task: rollback ? 'rollback' : 'rebuild',
    isDryRun,
    acceptsDifferences,
    keep: wholeNumber('keep', values.keep ?? '1', [0, MOST]),
    patienceMs: wholeNumber('patience', values.patience ?? '60', [1, MOST]) * 1_000,
    directory: values.directory ?? '.skald',
    json: values.json ?? false,
  };
}
