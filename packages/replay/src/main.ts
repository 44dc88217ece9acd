import { fileURLToPath } from 'node:url';
import { WitnessAway } from '@skald/auditor';
import { colourWish, createProgressLine, createTerminal, UsageError } from '@skald/command-line';
import { compare } from './against.ts';
import { tableOfComparison } from './against-table.ts';
import { CheckoutFailed, checkBuilt } from './checkout.ts';
import { findSources, type Sources } from './config.ts';
import { createLogReader, LogAway, type LogReader } from './log.ts';
import { type CommandOptions, help, parseOptions } from './options.ts';
import { DatabaseAway, openOrderDatabase } from './order-database.ts';
import { NotBegun, tellStory } from './order-story.ts';
import { readOrder } from './read-order.ts';
import { readRecording, writeRecording } from './recording.ts';
import { tableOfStory } from './story-table.ts';
import { verify } from './verify.ts';
import { tableOfVerification } from './verify-table.ts';
import { readWindow } from './window.ts';

/** What there is to say, and the exit code. */
interface Answer {
  readonly code: number;
  readonly text: string;
}

const progress = createProgressLine(process.stderr, { isPatient: true });
const terminal = createTerminal({ ...process, wantsColour: colourWish() });
const jsonOf = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

async function withLog<Result>(
  sources: Sources,
  { ignoreSources }: CommandOptions,
  work: (reader: LogReader) => Promise<Result>,
): Promise<Result> {
  const reader = createLogReader(sources.log(), { ignoreSources, onProgress: progress.tell });
  try {
    return await work(reader);
  } finally {
    await reader.close();
  }
}

async function showOrder(options: CommandOptions & { task: 'order' }, sources: Sources): Promise<Answer> {
  const record = await withLog(sources, options, (reader) => readOrder(reader, options.orderId));
  if (record === undefined) throw new NotBegun(`There is no order ${options.orderId} in the topics`);
  const story = await tellStory(record, options.at);
  return { code: 0, text: options.json ? jsonOf(story) : tableOfStory(story, terminal) };
}

async function verifyAll(options: CommandOptions, sources: Sources): Promise<Answer> {
  const database = openOrderDatabase(sources.orderDatabase());
  try {
    const found = await withLog(sources, options, (reader) =>
      verify(reader, database, { onProgress: progress.tell }),
    );
    const text = options.json ? jsonOf(found) : tableOfVerification(found, terminal);
    return { code: found.verdict === 'same' ? 0 : 1, text };
  } finally {
    await database.close();
  }
}

async function record(options: CommandOptions & { task: 'record' }, sources: Sources): Promise<Answer> {
  const { file, window } = options;
  const { orders, unreadable } = await withLog(sources, options, (reader) => readWindow(reader, window));
  await writeRecording(file, orders);
  const told = { file, orders: orders.length, unreadable };
  const beside = unreadable === 0 ? '' : `; ${unreadable} of their records can't be read, and are left out`;
  const text = `${orders.length} orders are in ${file}${beside}\n`;
  return { code: 0, text: options.json ? jsonOf(told) : text };
}

async function compareWith(options: CommandOptions & { task: 'against' }, sources: Sources): Promise<Answer> {
  const { checkout, recording, window } = options;
  checkBuilt(checkout, complain);
  const orders =
    recording === undefined
      ? (await withLog(sources, options, (reader) => readWindow(reader, window))).orders
      : await readRecording(recording, window.limit);
  if (orders.length === 0) throw new UsageError('There is no order in this window');
  const found = await compare(orders, {
    here: fileURLToPath(new URL('../../..', import.meta.url)),
    there: checkout,
    scratch: sources.scratch,
    onProgress: progress.tell,
    signal: interruption(),
  });
  const text = options.json ? jsonOf(found) : tableOfComparison(found, terminal);
  return { code: found.verdict === 'same' ? 0 : 1, text };
}

/** Ctrl-C, or whoever started us is gone: what was created is thrown away first. */
function interruption(): AbortSignal {
  const interrupted = new AbortController();
  for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }))
    process.once(signal, () => interrupted.abort(new Interrupted(code)));
  return interrupted.signal;
}

class Interrupted extends Error {
  readonly code: number;
  constructor(code: number) {
    super('interrupted');
    this.code = code;
  }
}

async function answerTo(options: CommandOptions): Promise<Answer> {
  const sources = findSources(options);
  if (options.task === 'order') return showOrder(options, sources);
  if (options.task === 'verify') return verifyAll(options, sources);
  if (options.task === 'record') return record(options, sources);
  return compareWith(options, sources);
}

/** The command: see `--help`. */
async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  try {
    const { code, text } = await answerTo(options);
    progress.end();
    process.stdout.write(text);
    return code;
  } finally {
    progress.end();
  }
}

const complain = (line: string): void => void process.stderr.write(`${line}\n`);

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof NotBegun) {
    complain(error.message);
    process.exitCode = 1;
  } else if (error instanceof Interrupted) {
    process.exitCode = error.code;
  } else {
    const isTold = [UsageError, WitnessAway, LogAway, DatabaseAway, CheckoutFailed].some(
      (kind) => error instanceof kind,
    );
    const says = error instanceof Error ? (isTold ? error.message : error.stack) : String(error);
    complain(`Could not replay: ${says}`);
    process.exitCode = 2;
  }
}
