import { createProgressLine, UsageError } from '@skald/command-line';
import { topics } from '@skald/contracts';
import {
  type Connection,
  createDatabase,
  createEventReader,
  createInputReader,
  createStanding,
  type Database,
  MessagingError,
} from '@skald/messaging';
import { ConfigurationError, createLogger } from '@skald/service-kit';
import { rebuildSurroundings } from './config.ts';
import { readModelTopic } from './materialiser.ts';
import { openGenerations, openStore } from './open-store.ts';
import { rebuild } from './rebuild.ts';
import { help, parseCommand, type RebuildCommand } from './rebuild-command.ts';
import type { RebuildParts } from './rebuild-parts.ts';
import { findPlace, type RebuildPlace } from './rebuild-place.ts';
import { textOf } from './rebuild-text.ts';
import { createRebuiltViews } from './rebuilt-views.ts';
import { rollBack } from './roll-back.ts';
import { OtherFormError } from './switch-generations.ts';
import { StillBehind } from './waiting.ts';

/** Any number, the same for all rebuilds of a database. */
const LOCK = 5_744_231;
const LOCK_LOOK_MS = 500;

class Interrupted extends Error {
  readonly code: number;
  constructor(code: number) {
    super('Interrupted: nothing was switched');
    this.code = code;
  }
}
/** It can't be run as things are. */
class Refusal extends Error {}

const progress = createProgressLine(process.stderr, { isPatient: true });

function interruption(): AbortController {
  const interrupted = new AbortController();
  for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }))
    process.once(signal, () => interrupted.abort(new Interrupted(code)));
  return interrupted;
}

/** One rebuild at a time: whoever loses the lock, with its connection, gives up. */
async function withLock<Result>(
  database: Database,
  interrupted: AbortController,
  work: () => Promise<Result>,
): Promise<Result> {
  const connection: Connection = await database.connect();
  const watch = setInterval(() => {
    if (!connection.usable) interrupted.abort(new Refusal('Postgres went away'));
  }, LOCK_LOOK_MS);
  try {
    const [row] = await connection.query<{ ours: boolean }>('SELECT pg_try_advisory_lock($1) AS ours', [
      LOCK,
    ]);
    if (row?.ours !== true) throw new Refusal('Another rebuild of this read model is at work');
    return await work();
  } finally {
    clearInterval(watch);
    await connection.close();
  }
}

async function run(command: RebuildCommand, place: RebuildPlace): Promise<{ code: number; text: string }> {
  const database = createDatabase({ url: place.databaseUrl, name: 'order-view.rebuild' });
  const interrupted = interruption();
  const logger = createLogger('rebuild', 'silent');
  const { partitions } = topics[readModelTopic];
  const live = await openStore(database, partitions, place.searchUrl);
  const opened = await openGenerations(database, partitions, place.searchUrl);
  const parts: RebuildParts = {
    database,
    generations: opened.generations,
    live: live.store,
    views: createRebuiltViews(database),
    standing: createStanding({ clientId: 'order-view.rebuild', brokers: place.brokers }, logger),
    readInputs: createInputReader(place.registryUrl),
    readModels: createEventReader(place.registryUrl),
    brokers: place.brokers,
    logger,
    signal: interrupted.signal,
    onProgress: progress.tell,
  };
  try {
    return await withLock(database, interrupted, () =>
      command.task === 'rollback' ? runRollback(command, parts) : runRebuild(command, parts),
    );
  } finally {
    await Promise.all([database.close(), live.close(), opened.close()]);
  }
}

async function runRebuild(command: RebuildCommand, parts: RebuildParts) {
  const report = await rebuild(command, parts);
  const text = command.json ? `${JSON.stringify(report, null, 2)}\n` : textOf(report);
  return { code: report.verdict === 'same' || report.isSwitched ? 0 : 1, text };
}

async function runRollback(command: RebuildCommand, parts: RebuildParts) {
  const rolled = await rollBack(command, parts);
  if (rolled === undefined) throw new Refusal('There is no generation to go back to');
  const { from, to } = rolled;
  const text = `Generation ${to} is live again; ${from} is kept\n`;
  return { code: 0, text: command.json ? `${JSON.stringify(rolled, null, 2)}\n` : text };
}

const complain = (line: string): void => void process.stderr.write(`${line}\n`);

function explain(error: unknown): number {
  if (error instanceof Interrupted) {
    complain(error.message);
    return error.code;
  }
  const isTold = [UsageError, ConfigurationError, Refusal, StillBehind, OtherFormError, MessagingError].some(
    (kind) => error instanceof kind,
  );
  const says = error instanceof Error ? (isTold ? error.message : error.stack) : String(error);
  complain(`Could not rebuild: ${says}`);
  return 2;
}

/** The command: see `--help`. */
try {
  const command = parseCommand(process.argv.slice(2));
  if (command === undefined) process.stdout.write(`${help}\n`);
  else {
    const { code, text } = await run(command, findPlace(command.directory, rebuildSurroundings()));
    progress.end();
    process.stdout.write(text);
    process.exitCode = code;
  }
} catch (error) {
  progress.end();
  process.exitCode = explain(error);
}
