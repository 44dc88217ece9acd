import { parseFlags, UsageError } from '@skald/command-line';

export interface CommonOptions {
  /** Where `state.json` of a local stack lies. */
  readonly directory: string;
  readonly json: boolean;
  readonly brokers: string | undefined;
  readonly registry: string | undefined;
  readonly database: string | undefined;
  readonly scratch: string | undefined;
  /** Records with one of these for their `ce_source` are left out. */
  readonly ignoreSources: readonly string[];
}

/** Which of the log's orders. */
export interface WindowOptions {
  readonly from: Bound | undefined;
  readonly to: Bound | undefined;
  readonly limit: number;
}

/** A moment (epoch ms), or offsets of orders.events by partition. */
export type Bound = { readonly at: number } | { readonly offsets: ReadonlyMap<number, number> };

export type Task =
  | { readonly task: 'order'; readonly orderId: string; readonly at: Moment | undefined }
  | { readonly task: 'verify' }
  | { readonly task: 'record'; readonly file: string; readonly window: WindowOptions }
  | {
      readonly task: 'against';
      readonly checkout: string;
      readonly recording: string | undefined;
      readonly window: WindowOptions;
    };

/** Epoch ms, or ms after an order's beginning. */
export type Moment = { readonly at: number } | { readonly afterMs: number };

export type CommandOptions = CommonOptions & Task;

export const help = `npm run replay -- --order <id> [--at <time>]
npm run replay -- --verify
npm run replay -- --record <file> [--from …] [--to …] [--limit <n>]
npm run replay -- --against <dir> [--recording <file> | --from … --to …] [--limit <n>]

Reads the log again, with the services' own rules. Nothing is published, nobody is charged or mailed, whatever is replayed.

  --order <id>        one order, step by step: what came, what each service made of it, and by which word of its rules
  --at <time>         no later than this: 2026-01-31T12:00:00Z, or +2s after the order's beginning
  --verify            folds all of orders.events, and compares with the order service's database
  --record <file>     writes orders of the log into a file, without personal data
  --against <dir>     what another checkout, which is built, would have made of the same orders: the events that would have been
                      published, the calls that would have been made, what its databases would hold, and its read model
  --recording <file>  those of a file, instead of the running system's

Which orders: those that were placed in the window; each is followed to its end.
  --from, --to <…>    a time, or offsets of orders.events: 0@120,1@95 (partition@offset; other partitions: none)
  --limit <n>         the newest so many of them (default: 1000)

  --json              the result as JSON on stdout
  --ignore-source <s> leave out records with this ce_source (may be given several times)
  --scratch <url>     [SCRATCH_DATABASE_URL] a Postgres whose role may create databases (default: one is started, and thrown away)

Next to \`npm start\` it finds all by itself. Elsewhere (or by the variables in brackets):
  --directory <dir>   the data folder of a local stack (default: .skald)
  --brokers <a:1,b:2> [KAFKA_BROKERS]
  --registry <url>    [SCHEMA_REGISTRY_URL] its Confluent-compatible API
  --database <url>    [AUDITOR_DATABASE_URL] of a role that may read, with {service} for the service's name
  --help              this text

Exit code: 0 all is well, or the same; 1 there is a difference, or no such order; 2 it could not be run.`;

/** Undefined when help is asked for. Throws a UsageError. */
export function parseOptions(args: readonly string[]): CommandOptions | undefined {
  const { values } = parse(args);
  if (values.help) return undefined;
  const common: CommonOptions = {
    directory: values.directory ?? '.skald',
    json: values.json ?? false,
    brokers: values.brokers,
    registry: values.registry,
    database: values.database,
    scratch: values.scratch,
    ignoreSources: values['ignore-source'] ?? [],
  };
  return { ...common, ...taskOf(values) };
}

type Values = ReturnType<typeof parse>['values'];

/** What goes with each task. */
const companions = {
  order: ['at'],
  verify: [],
  record: ['from', 'to', 'limit'],
  against: ['recording', 'from', 'to', 'limit'],
} as const satisfies Record<Task['task'], readonly (keyof Values)[]>;

function taskOf(values: Values): Task {
  const tasks = Object.keys(companions) as Task['task'][];
  const asked = tasks.filter((task) => values[task] !== undefined);
  const [task] = asked;
  if (task === undefined || asked.length > 1)
    throw new UsageError(`Give one of ${tasks.map((name) => `--${name}`).join(', ')}\nSee --help`);
  const foreign = Object.values(companions)
    .flat()
    .find((name) => values[name] !== undefined && !(companions[task] as readonly string[]).includes(name));
  if (foreign !== undefined) throw new UsageError(`--${foreign} does not go with --${task}\nSee --help`);
  if (task === 'order')
    return { task, orderId: (values.order ?? '').toLowerCase(), at: optional(values.at, parseMoment) };
  if (task === 'verify') return { task };
  const window: WindowOptions = {
    from: optional(values.from, (text) => parseBound('from', text)),
    to: optional(values.to, (text) => parseBound('to', text)),
    limit: parseLimit(values.limit),
  };
  if (task === 'record') return { task, file: values.record ?? '', window };
  if (values.recording !== undefined && (values.from ?? values.to) !== undefined)
    throw new UsageError('--from and --to are of the running system: a recording has its own');
  return { task, checkout: values.against ?? '', recording: values.recording, window };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  return parseFlags({
    args: [...args],
    options: {
      order: text,
      at: text,
      verify: flag,
      record: text,
      against: text,
      recording: text,
      from: text,
      to: text,
      limit: text,
      json: flag,
      'ignore-source': { type: 'string', multiple: true },
      scratch: text,
      directory: text,
      brokers: text,
      registry: text,
      database: text,
      help: { type: 'boolean', short: 'h' },
    },
  });
}

const optional = <Value>(text: string | undefined, read: (text: string) => Value): Value | undefined =>
  text === undefined ? undefined : read(text);

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

function parseMoment(text: string): Moment {
  const [, count, unit = 's'] = /^\+(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  if (count !== undefined) return { afterMs: Number(count) * (UNITS_MS[unit] ?? Number.NaN) };
  return { at: parseTime('at', text, ', or one after the beginning such as +2s') };
}

function parseTime(name: string, text: string, otherwise: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at) || !/^\d{4}-\d\d-\d\d/.test(text))
    throw new UsageError(`--${name} is a time such as 2026-01-31T12:00:00Z${otherwise}, not ${text}`);
  return at;
}

function parseBound(name: string, text: string): Bound {
  if (!text.includes('@')) return { at: parseTime(name, text, ', or offsets such as 0@120,1@95') };
  const pairs = text.split(',').map((pair) => /^(\d{1,6})@(\d{1,15})$/.exec(pair));
  const offsets = pairs.map((pair) => {
    if (pair === null) throw new UsageError(`--${name}: offsets are partition@offset, as in 0@120,1@95`);
    return [Number(pair[1]), Number(pair[2])] as const;
  });
  return { offsets: new Map(offsets) };
}

function parseLimit(text = '1000'): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1)
    throw new UsageError(`--limit is a whole number from 1, not ${text}`);
  return limit;
}
