import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { StackError } from './errors.ts';
import { withFileLock } from './file-lock.ts';
import { awaitSupervisor, createPidFile, endLeftovers, type PidFile } from './pid-file.ts';
import { type PortReservation, reservePorts } from './ports.ts';
import { auditor } from './postgres.ts';
import { databaseOf, databaseOwners } from './services.ts';
import { createSecret, passwordsFor, readState, type WitnessAddresses, writeState } from './state.ts';

export interface DataFolderOptions {
  /** Names to reserve ports for. */
  readonly ports: readonly string[];
  readonly fresh: boolean;
  onProgress(line: string): void;
}

/** A data folder that is ours until the pid file is deleted. */
export interface DataFolder {
  readonly pidFile: PidFile;
  /** By role; `administrator` and `auditor` are among them. */
  readonly passwords: Readonly<Record<string, string>>;
  /** For the services' operator routes. */
  readonly operatorToken: string;
  readonly reservation: PortReservation;
  /** Says where an auditor finds what it reads. */
  publish(witnesses: WitnessAddresses): void;
}

/** What a stack writes in its data folder, and `fresh` deletes: nothing else that may lie there. */
const contents = [
  'kafka',
  'kafka-2',
  'kafka-3',
  'registry',
  'postgres',
  'search',
  'logs',
  'mails.jsonl',
  'payment-provider.ledger',
  'state.json',
];

/** Takes the folder over from whoever ran in it, wipes it if asked to, and finds ports and passwords again. */
export async function openDataFolder(directory: string, options: DataFolderOptions): Promise<DataFolder> {
  mkdirSync(directory, { recursive: true });
  const pidFile = await withFileLock(join(directory, 'start.lock'), () => takeOver(directory, options));
  try {
    if (options.fresh) wipe(directory);
    mkdirSync(join(directory, 'logs'), { recursive: true });
    const statePath = join(directory, 'state.json');
    const known = readState(statePath);
    const roles = databaseOwners.map(databaseOf);
    const passwords = passwordsFor(['administrator', auditor, ...roles], known.passwords);
    const operatorToken = known.operatorToken ?? createSecret();
    const reservation = await reservePorts(options.ports, known.ports);
    const state = { passwords, operatorToken, ports: { ...known.ports, ...reservation.ports } };
    writeState(statePath, state);
    const publish = (witnesses: WitnessAddresses) => writeState(statePath, { ...state, witnesses });
    return { pidFile, passwords, operatorToken, reservation, publish };
  } catch (error) {
    pidFile.delete();
    throw error;
  }
}

/** From here on whoever ran in the folder is dead, and so is what it left. */
async function takeOver(directory: string, { onProgress }: DataFolderOptions): Promise<PidFile> {
  const path = join(directory, 'pids.json');
  const other = await awaitSupervisor(path);
  if (other !== undefined) {
    throw new StackError(`A stack already runs in ${directory} (process ${other}): stop it first`);
  }
  const ended = await endLeftovers(path);
  if (ended.length > 0) onProgress(`Ended what an earlier start had left: ${ended.join(', ')}`);
  return createPidFile(path);
}

function wipe(directory: string): void {
  for (const entry of contents) rmSync(join(directory, entry), { recursive: true, force: true });
}
