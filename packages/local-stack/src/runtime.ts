import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StackError } from './errors.ts';
import { withFileLock } from './file-lock.ts';
import { downloadWithMaven } from './maven.ts';

/** The programs for the JVM, in the cache. */
export interface Runtime {
  readonly kafkaClassPath: string;
  readonly registryJar: string;
  /** For what is made once from these programs: class archives, a formatted broker folder. */
  readonly directory: string;
}

/** The search engine, as it is unpacked. */
export interface SearchRuntime {
  readonly home: string;
}

/** Something that Maven fetches once: one of the poms. */
interface Download {
  readonly pom: string;
  /** For people. */
  readonly what: string;
  /** MB, for the progress line. */
  readonly expected: number;
}

const system: Download = { pom: 'pom.xml', what: 'Kafka and the registry', expected: 165 };
const search: Download = { pom: 'search-pom.xml', what: 'the search engine', expected: 65 };

/** SKALD_CACHE, else ~/.cache/skald. */
export const cacheDirectory = (environment: NodeJS.ProcessEnv = process.env): string =>
  environment['SKALD_CACHE'] || join(environment['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'skald');

/** Kafka's and the registry's files: see `cached`. */
export const resolveRuntime = (onProgress: (line: string) => void, signal?: AbortSignal): Promise<Runtime> =>
  cached(system, runtimeIn, onProgress, signal);

/** The search engine's files: see `cached`. */
export const resolveSearchRuntime = (
  onProgress: (line: string) => void,
  signal?: AbortSignal,
): Promise<SearchRuntime> => cached(search, searchRuntimeIn, onProgress, signal);

/**
 * What a pom names, downloaded by Maven unless the cache has it: no network is touched then. Keyed by the pom's hash; made
 * aside and renamed, so that what is there is whole.
 */
async function cached<Found>(
  download: Download,
  find: (directory: string) => Found,
  onProgress: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<Found> {
  const cache = cacheDirectory();
  const pomFile = fileURLToPath(new URL(`../${download.pom}`, import.meta.url));
  const key = createHash('sha256').update(readFileSync(pomFile)).digest('hex').slice(0, 12);
  const directory = join(cache, key);
  const fill = async () => {
    if (existsSync(directory)) return;
    const aside = mkdtempSync(join(cache, 'download-'));
    try {
      const { what, expected } = download;
      const logFile = join(cache, 'maven.log');
      await downloadWithMaven({ pomFile, what, expected, directory: aside, logFile, onProgress, signal });
      find(aside);
      renameSync(aside, directory);
    } finally {
      rmSync(aside, { recursive: true, force: true });
    }
  };
  if (!existsSync(directory)) {
    mkdirSync(cache, { recursive: true });
    await withFileLock(`${directory}.lock`, fill, (owner) =>
      onProgress(`Waiting for process ${owner}, which downloads ${download.what}`),
    );
  }
  return find(directory);
}

function runtimeIn(directory: string): Runtime {
  const kafka = join(directory, 'kafka');
  const registry = join(directory, 'registry');
  const jars = readdirSync(kafka)
    .filter((file) => file.endsWith('.jar'))
    .sort();
  const registryJar = readdirSync(registry).find((file) => file.endsWith('-runner.jar'));
  if (jars.length === 0 || registryJar === undefined) {
    throw notWhole(directory);
  }
  return {
    kafkaClassPath: jars.map((jar) => join(kafka, jar)).join(':'),
    registryJar: join(registry, registryJar),
    directory,
  };
}

function searchRuntimeIn(directory: string): SearchRuntime {
  const folder = join(directory, 'search');
  const name = existsSync(folder)
    ? readdirSync(folder).find((file) => file.startsWith('opensearch-'))
    : undefined;
  if (name === undefined) throw notWhole(directory);
  return { home: join(folder, name) };
}

const notWhole = (directory: string): StackError =>
  new StackError(`The cache in ${directory} is not whole: delete it and start again`);
