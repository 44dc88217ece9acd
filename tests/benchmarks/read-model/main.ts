import { parseFlags, UsageError, wholeNumber } from '@skald/command-line';
import { describeMachine, loadAverage } from '../machine.ts';
import { type Percentiles, Samples } from '../samples.ts';
import { type Contender, PARTITIONS, startPostgres, startSearchEngine } from './contenders.ts';
import { batchesOf } from './orders.ts';
import { type Question, questionsOn } from './questions.ts';
import { renderReadModel } from './report.ts';

export const help = `npm run bench -- read-model [options]

Puts orders into each store of the read model by its own upsert, then asks each kind of search, one at a time, and says how
long the answers took: Postgres beside the search engine, in one run. Says of Postgres too which tables a search would read
from end to end (there should be none), and fails if there is one.

  --orders N       how many (100000)
  --times N        questions of each kind (200)
  --store LIST     of postgres and search, by commas (postgres,search)
  --json           the report as JSON on stdout, in place of the table
  --help           this
`;

const flags = {
  orders: { type: 'string', default: '100000' },
  times: { type: 'string', default: '200' },
  store: { type: 'string', default: 'postgres,search' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** Orders that one upsert takes in. */
const BATCH = 500;
/** Asked before it counts: plans, caches and compilers get to know the question. */
const WARM_UP = 20;

export interface Answered {
  readonly question: string;
  /** ms */
  readonly took: Percentiles;
  /** Tables that Postgres would read from end to end. */
  readonly scans?: readonly string[];
}

export interface StoreReport {
  readonly name: string;
  readonly version: string;
  /** Taken in, orders/s: one upsert at a time. */
  readonly rate: number;
  readonly answers: readonly Answered[];
}

export interface ReadModelReport {
  readonly orders: number;
  readonly times: number;
  readonly machine: Awaited<ReturnType<typeof describeMachine>>;
  readonly loadAfter: number;
  readonly stores: readonly StoreReport[];
}

type Say = (line: string) => void;

const starts: Readonly<Record<string, (say: Say) => Promise<Contender>>> = {
  postgres: startPostgres,
  search: startSearchEngine,
};

/** Answers the exit code. Throws UsageError. */
export async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options === undefined) return 0;
  const say: Say = (line) => process.stderr.write(`${line}\n`);
  const machine = await describeMachine();
  const stores: StoreReport[] = [];
  for (const start of options.starts) stores.push(await withContender(start, options, say));
  const report = { orders: options.orders, times: options.times, machine, loadAfter: loadAverage(), stores };
  process.stdout.write(options.json ? `${JSON.stringify(report, undefined, 2)}\n` : renderReadModel(report));
  return stores.some(({ answers }) => answers.some(({ scans = [] }) => scans.length > 0)) ? 1 : 0;
}

function parseOptions(args: readonly string[]) {
  const { values } = parseFlags({ args: [...args], options: flags, strict: true });
  if (values.help) {
    process.stdout.write(help);
    return undefined;
  }
  const chosen = values.store.split(',').map((name) => {
    const start = starts[name];
    if (start === undefined)
      throw new UsageError(`--store: ${Object.keys(starts).join(', ')}, not '${name}'`);
    return start;
  });
  return {
    orders: wholeNumber('orders', values.orders, [1, 10_000_000]),
    times: wholeNumber('times', values.times, [1, 1_000_000]),
    starts: chosen,
    json: values.json,
  };
}

async function withContender(
  start: (say: Say) => Promise<Contender>,
  { orders, times }: { readonly orders: number; readonly times: number },
  say: Say,
): Promise<StoreReport> {
  const contender = await start(say);
  const { name, version } = contender;
  try {
    const rate = await fill(contender, orders, say);
    await contender.settle();
    const answers: Answered[] = [];
    for (const question of questionsOn(orders)) answers.push(await measure(contender, question, times));
    say(`${name}: ${answers.length * times} questions answered`);
    return { name, version, rate, answers };
  } finally {
    await contender.stop();
  }
}

async function fill({ name, store }: Contender, orders: number, say: Say): Promise<number> {
  const startedAt = performance.now();
  let told = 0;
  let saidAt = startedAt;
  for (const changes of batchesOf(orders, PARTITIONS, BATCH)) {
    const last = changes.at(-1);
    if (last === undefined) continue;
    const taken = await store.upsert(changes, last.partition, last.offset + 1);
    if (taken.length !== changes.length)
      throw new Error(`${name} took ${taken.length} of ${changes.length} orders in`);
    told += changes.length;
    if (performance.now() - saidAt < 5_000) continue;
    saidAt = performance.now();
    say(`${name}: ${told} of ${orders} orders`);
  }
  return (orders / (performance.now() - startedAt)) * 1_000;
}

async function measure(contender: Contender, question: Question, times: number): Promise<Answered> {
  for (let attempt = 0; attempt < WARM_UP; attempt += 1) await question.ask(contender.store, attempt);
  const samples = new Samples();
  for (let attempt = WARM_UP; attempt < WARM_UP + times; attempt += 1) {
    const startedAt = performance.now();
    await question.ask(contender.store, attempt);
    samples.add(performance.now() - startedAt);
  }
  const scans = await contender.scansOf?.(question);
  return { question: question.name, took: samples.percentiles(), ...(scans !== undefined && { scans }) };
}
