import { parseFlags } from '@skald/command-line';
import { whole } from './options.ts';

export interface SoakOptions {
  /** From `firstSeed` on, one after the other. */
  readonly seeds: number;
  readonly firstSeed: number;
  readonly orders: number;
  readonly seconds: number;
  readonly faults: number;
  readonly brokers: number;
  /** Folder of the reports, one JSON a seed. */
  readonly out: string;
  /** Seeds that have a report already are left out. */
  readonly resume: boolean;
  /** The merged page. */
  readonly page: string;
}

export const help = `npm run soak -- [options]

Runs the fault suite (npm run faults -- --help) with one seed after the other, each on a system of its own. The report
of a seed is written as soon as it ends; from all reports in the folder a page is made after each. Takes hours: stop it
with Ctrl-C whenever you like, and go on with --resume. Exit code 1 if any of the reports tells of a violation.

  --seeds N        how many                                       (30)
  --first-seed N   the first of them                              (1)
  --orders N       customers of each                              (10000)
  --seconds N      until the last of them has come                (300)
  --faults N       faults of processes and network of each        (40)
  --brokers N      1 or 3                                         (1)
  --resume         leave out the seeds that have a report
  --out DIR        folder of the reports                          (.skald/soak)
  --page FILE      the merged page                                (docs/soak.md)
  --help           this
`;

const flags = {
  seeds: { type: 'string', default: '30' },
  'first-seed': { type: 'string', default: '1' },
  orders: { type: 'string', default: '10000' },
  seconds: { type: 'string', default: '300' },
  faults: { type: 'string', default: '40' },
  brokers: { type: 'string', default: '1' },
  resume: { type: 'boolean', default: false },
  out: { type: 'string', default: '.skald/soak' },
  page: { type: 'string', default: 'docs/soak.md' },
  help: { type: 'boolean', default: false },
} as const;

/** Answers `help` where that was asked for. Throws UsageError. */
export function parseSoakOptions(args: readonly string[]): SoakOptions | 'help' {
  const values = readFlags(args);
  if (values.help) return 'help';
  return {
    seeds: whole('seeds', values.seeds, 1),
    firstSeed: whole('first-seed', values['first-seed'], 0),
    orders: whole('orders', values.orders, 1),
    seconds: whole('seconds', values.seconds, 1),
    faults: whole('faults', values.faults, 0),
    brokers: whole('brokers', values.brokers, 1),
    out: values.out,
    resume: values.resume,
    page: values.page,
  };
}

function readFlags(args: readonly string[]) {
  return parseFlags({ args: [...args], options: flags, strict: true }).values;
}
