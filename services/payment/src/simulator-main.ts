// The payment provider's simulator, as a process of its own.
import { parseSimulatorConfig, type SimulatorConfig } from './config.ts';
import { openLedgerFile } from './ledger-file.ts';
import { createSimulatorApp } from './simulator-http.ts';
import { createTeller } from './teller.ts';

function say(level: 'info' | 'error', msg: string): void {
  const line = { level, time: new Date().toISOString(), name: 'payment-provider', msg };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Also in the middle of a charge: its entry is flushed before its answer, so nothing that was answered is lost. */
async function run(config: SimulatorConfig): Promise<void> {
  const log = config.LEDGER_FILE === undefined ? undefined : await openLedgerFile(config.LEDGER_FILE);
  const teller = createTeller({ log, slowMs: config.SLOW_ANSWER_MS, lateMs: config.LATE_ANSWER_MS });
  const stopping = new AbortController();
  const app = createSimulatorApp(teller, stopping.signal);
  const stopped = new Promise<void>((resolve, reject) => {
    const stop = () => {
      stopping.abort();
      app
        .close()
        .then(() => log?.close())
        .then(resolve, reject);
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
  });
  say('info', `Listening on ${await app.listen({ host: config.HTTP_HOST, port: config.HTTP_PORT })}`);
  await stopped;
}

try {
  await run(parseSimulatorConfig());
} catch (error) {
  const isConfiguration = error instanceof Error && 'code' in error && error.code === 'CONFIGURATION';
  say('error', error instanceof Error ? error.message : String(error));
  // 78: wrong configuration, as sysexits.h has it.
  process.exitCode = isConfiguration ? 78 : 1;
}
