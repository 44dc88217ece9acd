import {
  CommandError,
  colourWish,
  createTerminal,
  Interrupted,
  interruption,
  printableJson,
  tellError,
} from '@skald/command-line';
import { placeMany } from './burst.ts';
import { cancel } from './cancel.ts';
import { readSurroundings } from './config.ts';
import { list } from './list.ts';
import { type Options, parseOptions } from './options.ts';
import { orderLines } from './order-lines.ts';
import { placeOne } from './place.ts';
import { findPlaces, type Places } from './places.ts';
import { createShop } from './shop.ts';
import { traceJson, traceLines } from './trace-lines.ts';
import { findTrace } from './trace-link.ts';
import { watchAll, watchOne } from './watch.ts';

/** The command line of orders: `npm run order -- …`. Its exit codes are in its help. */
const terminal = createTerminal({ ...process, wantsColour: colourWish() });
const interrupted = interruption();
// Whoever reads us may have seen enough, as `head` has.
process.stdout.on('error', () => process.exit(0));

/** `--timeout` is over. */
class TooLate extends CommandError {}

function deadline(timeoutMs: number | undefined): AbortSignal {
  const late = new AbortController();
  if (timeoutMs !== undefined)
    setTimeout(
      () => late.abort(new TooLate(`Nobody can say yet how it ends: gave up after ${timeoutMs / 1_000} s`)),
      timeoutMs,
    ).unref();
  return late.signal;
}

async function run(options: Options): Promise<number> {
  const told = readSurroundings();
  const places = findPlaces(options, told);
  const done = new AbortController();
  const signal = AbortSignal.any([interrupted, deadline(options.timeoutMs), done.signal]);
  try {
    return await answer(options, { places, signal, traceUrl: told.traceUrl });
  } finally {
    // A stream that nobody reads any more would keep the process alive.
    done.abort();
  }
}

interface Means {
  readonly places: Places;
  readonly signal: AbortSignal;
  readonly traceUrl: string | undefined;
}

async function answer(options: Options, { places, signal, traceUrl }: Means): Promise<number> {
  const shop = createShop(places, signal);
  const { json } = options;
  switch (options.command) {
    case 'place':
      return options.count === undefined
        ? placeOne(shop, options, { json }, terminal)
        : placeMany(shop, options, { json, signal }, terminal);
    case 'show': {
      const order = await shop.read(options.orderId);
      const lines = json ? [printableJson(order)] : orderLines(order, terminal, Date.now());
      for (const line of lines) terminal.print(line);
      return 0;
    }
    case 'trace': {
      const order = await shop.read(options.orderId);
      const link = await findTrace(order, { brokers: places.brokers, traceUrl });
      const lines = json
        ? [printableJson(traceJson(order, link))]
        : traceLines(order, link, terminal, Date.now());
      for (const line of lines) terminal.print(line);
      return 0;
    }
    case 'watch':
      return options.orderId === undefined
        ? watchAll(shop, { json }, terminal)
        : watchOne(shop, options.orderId, { json }, terminal);
    case 'cancel':
      return cancel(shop, options, { json }, terminal);
    case 'list':
      await list(shop, options, terminal);
      return 0;
  }
}

/** An endless watch is ended by Ctrl-C, and nothing is amiss then; elsewhere something is left open. */
function codeOfEnd(error: unknown, options: Options | undefined): number {
  if (error instanceof Interrupted || interrupted.aborted)
    return options?.command === 'watch' && options.orderId === undefined ? 0 : 130;
  const code = tellError(error, terminal);
  return error instanceof TooLate ? 4 : code;
}

let options: Options | undefined;
try {
  options = parseOptions(process.argv.slice(2), Date.now(), (help) => terminal.print(help));
  process.exitCode = options === undefined ? 0 : await run(options);
} catch (error) {
  process.exitCode = codeOfEnd(error, options);
}
