import { parseFlags, UsageError } from '@skald/command-line';

const contenderNames = ['skald', 'tutorial', 'sketch'] as const;

export type ContenderName = (typeof contenderNames)[number];

/** `full`: latency and the highest rate. The others are parts of it, or a run at one given rate. */
export type Mode = 'full' | 'latency' | 'highest' | 'rate' | 'idle';

export interface BenchmarkOptions {
  readonly mode: Mode;
  readonly contenders: readonly ContenderName[];
  /** Orders/s: of the run in mode `rate`, of the latency run else. */
  readonly rate: number;
  /** Of a measured run, and of the verdict on the highest rate. */
  readonly seconds: number;
  readonly latencySeconds: number;
  readonly probeSeconds: number;
  readonly rampSeconds: number;
  readonly warmUpSeconds: number;
  /** Orders/s that the search begins with; a default of the contender's own if absent. */
  readonly start: number | undefined;
  readonly limit: number;
  /** Share. */
  readonly precision: number;
  readonly json: boolean;
  /** Folder for CPU profiles. */
  readonly profile: string | undefined;
}

export const help = `npm run bench -- [options]

Places orders at a fixed rate, whether or not they are kept up with, and measures what comes back. Without options: for
Skald and for the saga as tutorials write it, the latency at 100 orders/s and the highest rate whose lag stays flat for
a minute. Takes a quarter of an hour. The third contender, sketch, is the bare shape of a service without what makes it Skald:
it says what this very machine allows. Nothing else should run on the machine meanwhile: 'others' says what did.

What to measure (one of)
  read-model           searches in each store of the read model: npm run bench -- read-model --help
  --rate N             one run at N orders/s
  --latency            one run at 100 orders/s (--rate N: at N)
  --find-highest       the highest rate with flat lag, without the latency run
  --idle               CPU of Skald's five services when nothing happens

How
  --contender LIST     of skald, tutorial and sketch, by commas    (skald,tutorial)
  --seconds N          length of the run that counts               (60)
  --latency-seconds N  length of the latency run                   (20)
  --probe-seconds N    length of the short runs of the search      (10)
  --ramp-seconds N     load before the measuring of each run       (5)
  --warm-up-seconds N  load after the start, at a gentle rate, again until it is kept up with (30)
  --start N            orders/s that the search begins with        (skald 400, tutorial 60, sketch 800)
  --limit N            orders/s beyond which it doesn't look       (10000)
  --precision P        how close the search gets, in percent       (5)

Something else
  console              POST to visible in the console, over 1,000 orders at 50 a second: console --help

What you get
  --json               the report as JSON on stdout, in place of the tables
  --profile DIR        CPU profiles of the services into DIR, and their hottest functions
  --help               this
`;

const flags = {
  contender: { type: 'string', default: 'skald,tutorial' },
  rate: { type: 'string' },
  seconds: { type: 'string' },
  'latency-seconds': { type: 'string', default: '20' },
  'probe-seconds': { type: 'string', default: '10' },
  'ramp-seconds': { type: 'string', default: '5' },
  'warm-up-seconds': { type: 'string', default: '30' },
  start: { type: 'string' },
  limit: { type: 'string', default: '10000' },
  precision: { type: 'string', default: '5' },
  latency: { type: 'boolean', default: false },
  'find-highest': { type: 'boolean', default: false },
  idle: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  profile: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/** Answers `help` where that was asked for. Throws UsageError. */
export function parseOptions(args: readonly string[]): BenchmarkOptions | 'help' {
  const { values } = readFlags(args);
  if (values.help) return 'help';
  const mode = modeOf(values);
  return {
    mode,
    contenders: mode === 'idle' ? ['skald'] : parseContenders(values.contender),
    rate: positive('rate', values.rate ?? '100'),
    seconds: positive('seconds', values.seconds ?? '60'),
    latencySeconds: positive(
      'latency-seconds',
      (mode === 'latency' ? values.seconds : undefined) ?? values['latency-seconds'],
    ),
    probeSeconds: positive('probe-seconds', values['probe-seconds']),
    rampSeconds: positive('ramp-seconds', values['ramp-seconds']),
    warmUpSeconds: positive('warm-up-seconds', values['warm-up-seconds']),
    start: values.start === undefined ? undefined : positive('start', values.start),
    limit: positive('limit', values.limit),
    precision: positive('precision', values.precision) / 100,
    json: values.json,
    profile: values.profile,
  };
}

function readFlags(args: readonly string[]) {
  return parseFlags({ args: [...args], options: flags, strict: true });
}

function modeOf(values: ReturnType<typeof readFlags>['values']): Mode {
  const asked: Mode[] = [];
  if (values.idle) asked.push('idle');
  if (values.latency) asked.push('latency');
  if (values['find-highest']) asked.push('highest');
  if (asked.length > 1) throw new UsageError('--idle, --latency and --find-highest exclude each other');
  return asked[0] ?? (values.rate === undefined ? 'full' : 'rate');
}

function parseContenders(list: string): ContenderName[] {
  return list.split(',').map((wanted) => {
    const name = contenderNames.find((known) => known === wanted);
    if (name !== undefined) return name;
    throw new UsageError(`--contender: ${contenderNames.join(', ')}, not '${wanted}'`);
  });
}

function positive(flag: string, value: string): number {
  const number = Number(value);
  if (Number.isFinite(number) && number > 0) return number;
  throw new UsageError(`--${flag}: a number above 0, not '${value}'`);
}
