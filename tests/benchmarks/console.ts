import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFlags, UsageError } from '@skald/command-line';
import { startStack } from '@skald/local-stack';
import { describeMachine, loadAverage } from './machine.ts';
import type { Progress } from './progress.ts';
import { renderTable } from './report.ts';
import type { Percentiles } from './samples.ts';
import {
  measureVisibility,
  type Visibility,
  type VisibilityPlan,
  type VisibilityTarget,
} from './visibility.ts';

export const consoleHelp = `npm run bench -- console [options]

Places orders at a fixed rate, and measures how long each takes from its POST until the console's event stream tells of it, and
until order-view has it. On a fresh stack of its own with all services, unless told otherwise.

  --orders N         that count                                 (1000)
  --rate N           orders a second                            (50)
  --warm-up N        orders before, at the same rate            (250)
  --directory DIR    of a stack that runs already (npm start): it is used, and left alone
  --json             the report as JSON on stdout
  --help             this
`;

/** Orders. */
const TELL_EVERY = 250;

interface ConsoleOptions extends VisibilityPlan {
  readonly directory: string | undefined;
  readonly json: boolean;
}

/** Answers the exit code: 1 if an order was refused or not seen. Throws UsageError. */
export async function benchConsole(args: readonly string[], progress: Progress): Promise<number> {
  const options = parseConsoleOptions(args);
  if (options === 'help') {
    process.stdout.write(consoleHelp);
    return 0;
  }
  const { model, cores, memoryGiB, loadBefore, node } = await describeMachine();
  const stack = options.directory === undefined ? await started(progress) : running(options.directory);
  try {
    const total = options.warmUp + options.orders;
    progress.step('console: measuring');
    const visibility = await measureVisibility(stack.target, options, (sent) => {
      if (sent % TELL_EVERY === 0) progress.step(`console: ${sent} of ${total} orders sent`);
    });
    const { orders, rate } = options;
    const report = {
      at: new Date().toISOString(),
      machine: { model, cores, memoryGiB, node, loadBefore, loadAfter: loadAverage() },
      orders,
      rate,
      ...visibility,
    };
    progress.end();
    process.stdout.write(options.json ? `${JSON.stringify(report, undefined, 2)}\n` : `\n${render(report)}`);
    return visibility.refused + visibility.unseen > 0 ? 1 : 0;
  } finally {
    await stack.stop();
  }
}

interface ConsoleReport extends Visibility {
  readonly machine: {
    readonly model: string;
    readonly cores: number;
    readonly memoryGiB: number;
    readonly node: string;
    readonly loadBefore: number;
    readonly loadAfter: number;
  };
  readonly orders: number;
  readonly rate: number;
}

function render({ machine, orders, rate, refused, unseen, ...of }: ConsoleReport): string {
  const rows: readonly (readonly [string, Percentiles])[] = [
    ['POST → 202', of.accepted],
    ['POST → the console’s event stream', of.inConsole],
    ['POST → order-view’s stream', of.inOrderView],
  ];
  const ms = (value: number) => value.toFixed(value < 100 ? 1 : 0);
  return [
    `${machine.cores} cores (${machine.model}), ${machine.memoryGiB} GiB, Node ${machine.node}; load ${machine.loadBefore} before, ${machine.loadAfter} after`,
    `${orders} orders at ${rate} a second; ${refused} refused, ${unseen} not seen`,
    '',
    renderTable(
      ['ms', 'orders', 'p50', 'p90', 'p99', 'max'],
      rows.map(([what, { count, p50, p90, p99, max }]) => [
        what,
        String(count),
        ...[p50, p90, p99, max].map(ms),
      ]),
    ),
    '',
  ].join('\n');
}

function parseConsoleOptions(args: readonly string[]): ConsoleOptions | 'help' {
  const { values } = parse(args);
  if (values.help) return 'help';
  return {
    orders: whole('orders', values.orders, 1),
    rate: whole('rate', values.rate, 1),
    warmUp: whole('warm-up', values['warm-up'], 0),
    directory: values.directory,
    json: values.json,
  };
}

const parse = (args: readonly string[]) =>
  parseFlags({
    args: [...args],
    options: {
      orders: { type: 'string', default: '1000' },
      rate: { type: 'string', default: '50' },
      'warm-up': { type: 'string', default: '250' },
      directory: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });

function whole(flag: string, value: string, least: number): number {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new UsageError(`--${flag}: a whole number, ${least} or more, not '${value}'`);
}

interface RunningStack {
  readonly target: VisibilityTarget;
  stop(): Promise<void>;
}

async function started(progress: Progress): Promise<RunningStack> {
  const directory = mkdtempSync(join(tmpdir(), 'skald-benchmark-'));
  const stack = await startStack({
    directory,
    companions: ['order-view', 'console'],
    environment: { all: { LOG_LEVEL: 'warn' } },
    onProgress: (line) => progress.step(`console: ${line}`),
  });
  const { order = '', console = '', 'order-view': orderView = '' } = stack.addresses.services;
  return {
    target: { order, console, orderView },
    async stop() {
      await stack.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** As a local stack has written it down. */
function running(directory: string): RunningStack {
  const { ports } = JSON.parse(readFileSync(join(directory, 'state.json'), 'utf8')) as {
    ports: Record<string, number>;
  };
  const at = (name: string) => `http://127.0.0.1:${ports[name]}`;
  return {
    target: { order: at('order'), console: at('console'), orderView: at('order-view') },
    stop: async () => undefined,
  };
}
