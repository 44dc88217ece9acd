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

const pomFile = fileURLToPath(new URL('../pom.xml', import.meta.url));

/** SKALD_CACHE, else ~/.cache/skald. */
export const cacheDirectory = (environment: NodeJS.ProcessEnv = process.env): string =>
  environment['SKALD_CACHE'] || join(environment['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'skald');

/**
 * Kafka's and the registry's files, downloaded by Maven unless the cache has them: no network is touched then. Keyed by
 * the pom's hash; made aside and renamed, so that what is there is whole.
 */
export async function resolveRuntime(
  onProgress: (line: string) => void,
  signal?: AbortSignal,
): Promise<Runtime> {
  const cache = cacheDirectory();
  const key = createHash('sha256').update(readFileSync(pomFile)).digest('hex').slice(0, 12);
  const directory = join(cache, key);
  if (!existsSync(directory)) {
    mkdirSync(cache, { recursive: true });
    await withFileLock(
      `${directory}.lock`,
      () => fill(cache, directory, onProgress, signal),
      (owner) => onProgress(`Waiting for process ${owner}, which downloads Kafka and the registry`),
    );
  }
  return runtimeIn(directory);
}

async function fill(
  cache: string,
  directory: string,
  onProgress: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (existsSync(directory)) return;
  const aside = mkdtempSync(join(cache, 'download-'));
  try {
    await downloadWithMaven({
      pomFile,
      directory: aside,
      logFile: join(cache, 'maven.log'),
      onProgress,
      signal,
    });
    runtimeIn(aside);
    renameSync(aside, directory);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

function runtimeIn(directory: string): Runtime {
  const kafka = join(directory, 'kafka');
  const registry = join(directory, 'registry');
  const jars = readdirSync(kafka)
    .filter((file) => file.endsWith('.jar'))
    .sort();
  const registryJar = readdirSync(registry).find((file) => file.endsWith('-runner.jar'));
  if (jars.length === 0 || registryJar === undefined) {
    throw new StackError(`The cache in ${directory} is not whole: delete it and start again`);
  }
  return {
    kafkaClassPath: jars.map((jar) => join(kafka, jar)).join(':'),
    registryJar: join(registry, registryJar),
    directory,
  };
}
