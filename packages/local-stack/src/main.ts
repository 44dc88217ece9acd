import { UsageError } from '@skald/command-line';
import { type CommandName, type CommandOptions, parseOptions } from './command-options.ts';
import { placeFirstOrder } from './demo.ts';
import { StackError } from './errors.ts';
import { curlOf, overview } from './overview.ts';
import { resolveRuntime, resolveSearchRuntime } from './runtime.ts';
import { gentleAudits } from './services.ts';
import { type Stack, startStack } from './stack.ts';

/**
 * The command: `start`, `stack`, and `resolve`, which only fills the cache. Stays until a signal, or until the process
 * that started it has gone; then stops all and ends with 0.
 */
const stopping = new AbortController();
let signals = 0;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    signals += 1;
    // The second one says that they mean it; children then end with us, or at the next start.
    if (signals > 2) process.exit(130);
    stopping.abort(new UsageError('Given up'));
  });
}
process.on('disconnect', () => stopping.abort(new UsageError('Given up')));
process.channel?.unref();

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

async function run(command: CommandName, options: CommandOptions): Promise<void> {
  const startedAt = performance.now();
  const stack = await startStack({
    directory: options.directory,
    fresh: options.fresh,
    services: options.services,
    companions: options.companions,
    ...(options.audits && { audits: gentleAudits }),
    instances: options.instances,
    search: options.search,
    provision: true,
    signal: stopping.signal,
    onProgress: (line) => say(`  ${line}`),
  });
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  if (options.json) process.stdout.write(`${JSON.stringify(stack.addresses)}\n`);
  else
    await present(
      stack,
      options,
      `Skald ${command === 'stack' ? 'has its stack' : 'is up'} after ${seconds} s`,
    );
  await stopped(stopping.signal);
  say('Stopping …');
  await stack.stop();
  say('Stopped. The data stays: the next start goes on from here.');
}

async function present(stack: Stack, options: CommandOptions, headline: string): Promise<void> {
  say(`\n${headline}\n\n${overview(stack)}\n`);
  if (options.demo) {
    try {
      await placeFirstOrder(stack.addresses, say);
    } catch (error) {
      say(`The first order failed: ${messageOf(error)}\nThe log: ${stack.logFile('order')}`);
      process.exitCode = 1;
    }
  }
  const order = stack.addresses.services['order'];
  if (order !== undefined)
    say(`\nYour turn (README.md tells how to break one at each step):\n\n${curlOf(order)}`);
  say('\nCtrl-C stops everything.');
}

const stopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    // Nothing else may be open: the children are none of ours to wait for.
    const alive = setInterval(() => {}, 60_000);
    signal.addEventListener('abort', () => {
      clearInterval(alive);
      resolve();
    });
  });

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function main([command, ...args]: readonly string[]): Promise<void> {
  if (command === 'resolve') {
    await resolveRuntime(say, stopping.signal);
    // Without it some tests fail, and say so: none of the others needs it.
    await resolveSearchRuntime(say, stopping.signal).catch((error: unknown) => say(messageOf(error)));
    stopping.signal.throwIfAborted();
    return;
  }
  if (command !== 'start' && command !== 'stack')
    throw new UsageError('usage: main.js start|stack|resolve [options]');
  const options = parseOptions(command, args);
  if (options) await run(command, options);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (stopping.signal.aborted) process.exitCode = 130;
  else {
    const isExpected = error instanceof StackError || error instanceof UsageError;
    say(isExpected ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}
