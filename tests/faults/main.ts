import { writeFileSync } from 'node:fs';
import { UsageError } from '@skald/command-line';
import { help, parseOptions } from './options.ts';
import { renderReport } from './report.ts';
import { runFaults } from './run.ts';

const stopping = new AbortController();
/** A signal comes twice where a parent passes on what the terminal has sent to all, ms. */
const ONCE_MS = 1_000;
let stoppedAt = Number.POSITIVE_INFINITY;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (Date.now() - stoppedAt > ONCE_MS) process.exit(130);
    if (stopping.signal.aborted) return;
    stoppedAt = Date.now();
    process.stderr.write('Stopping …\n');
    stopping.abort(new Error('Interrupted'));
  });
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(help);
    return 0;
  }
  const report = await runFaults({ ...options, signal: stopping.signal });
  if (options.out !== undefined) writeFileSync(options.out, `${JSON.stringify(report, undefined, 2)}\n`);
  process.stdout.write(`\n${renderReport(report)}\n`);
  return report.violations.length > 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`${error.message}\nnpm run faults -- --help says what there is`);
    process.exitCode = 64;
  } else if (stopping.signal.aborted) process.exitCode = 130;
  else {
    console.error(error);
    process.exitCode = 1;
  }
}
// At once: Node's own farewell has been seen to spin for ever over a handle that a fault had left half closed.
process.exit();
