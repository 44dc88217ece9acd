import { parseFlags, UsageError } from '@skald/command-line';
import type { RunOptions } from './run.ts';

export interface FaultsOptions extends RunOptions {
  /** Where the report goes as JSON. */
  readonly out: string | undefined;
}

export const help = `npm run faults -- [options]

Starts the whole system as processes, two instances of each service, behind proxies; places orders at a steady rate,
and breaks it meanwhile, by a plan that is drawn from a seed and printed: kill -9 of everything, pauses, resets, black
holes, latency, cut commits, rebalances, duplicated, stale and reordered records, poison, a full disk, a rolling
restart. Then heals it, waits for rest, and says for each kind of fault how often it fired, what was seen of it, and
what of the system's promises was broken. Exit code 1 if anything was, or if a fault never fired or left no trace.

  --seed N      repeats a run: the same plan and the same orders  (by chance)
  --orders N    customers                                         (500)
  --seconds N   until the last of them has come                   (90)
  --faults N    faults of processes and of the network, at least  (one of each kind)
  --brokers N   1, or 3: replication 3, two in sync; leaders are killed, partitions added and reassigned (1)
  --out FILE    the report as JSON, too
  --help        this
`;

const flags = {
  seed: { type: 'string' },
  orders: { type: 'string', default: '500' },
  seconds: { type: 'string', default: '90' },
  faults: { type: 'string', default: '0' },
  brokers: { type: 'string', default: '1' },
  out: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/** Answers `help` where that was asked for. Throws UsageError. */
export function parseOptions(args: readonly string[]): FaultsOptions | 'help' {
  const values = readFlags(args);
  if (values.help) return 'help';
  const brokers = whole('brokers', values.brokers, 1);
  if (brokers !== 1 && brokers !== 3) throw new UsageError(`--brokers: 1 or 3, not '${brokers}'`);
  return {
    seed: values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : whole('seed', values.seed, 0),
    orders: whole('orders', values.orders, 1),
    seconds: whole('seconds', values.seconds, 1),
    faults: whole('faults', values.faults, 0),
    brokers,
    out: values.out,
  };
}

function readFlags(args: readonly string[]) {
  return parseFlags({ args: [...args], options: flags, strict: true }).values;
}

/** Throws UsageError, naming the flag. */
export function whole(flag: string, value: string, least: number): number {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new UsageError(`--${flag}: a whole number, ${least} or more, not '${value}'`);
}
