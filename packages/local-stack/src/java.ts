import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { StackError } from './errors.ts';
import type { Exit } from './supervised-process.ts';

export interface Java {
  readonly file: string;
  /** Differs between Java versions: an archive of classes fits one alone. */
  readonly id: string;
}

const needed = 'the stack needs 17 or newer (apt install openjdk-17-jre-headless, or brew install openjdk)';

/** From JAVA_HOME, else from the PATH. */
export function findJava(environment: NodeJS.ProcessEnv = process.env): Java {
  const home = environment['JAVA_HOME'];
  const folders = [...(home ? [join(home, 'bin')] : []), ...(environment['PATH'] ?? '').split(delimiter)];
  const found = folders.map((folder) => join(folder, 'java')).find((file) => existsSync(file));
  if (found === undefined) {
    throw new StackError(`No Java found: ${needed}`);
  }
  const file = realpathSync(found);
  const release = releaseOf(file);
  const version = /JAVA_VERSION="(?:1\.)?(\d+)/.exec(release)?.[1];
  if (version !== undefined && Number(version) < 17)
    throw new StackError(`Java ${version} (${file}) is too old: ${needed}`);
  return { file, id: digest(release) };
}

/** A JDK describes itself in a file; one that doesn't is asked, which takes a moment. */
function releaseOf(file: string): string {
  const release = join(dirname(dirname(file)), 'release');
  if (existsSync(release)) return `${file} ${readFileSync(release, 'utf8')}`;
  return `${file} ${statSync(file).mtimeMs} ${execFileSync(file, ['--version'], { encoding: 'utf8' })}`;
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

/**
 * A class archive (CDS) halves a JVM's start. The first run of a program writes one as it ends; later runs use it.
 * The JVM ignores an archive that doesn't fit its classes or its version.
 */
export interface ClassArchive {
  readonly flags: readonly string[];
  /** True while this run will write the archive: its end takes some seconds longer. */
  readonly isWritten: boolean;
  ended(exit: Exit): void;
}

export function createClassArchive(directory: string, program: string, java: Java): ClassArchive {
  const archive = join(directory, `${program}-${java.id}.jsa`);
  if (existsSync(archive)) {
    return { flags: [`-XX:SharedArchiveFile=${archive}`], isWritten: false, ended: () => {} };
  }
  const aside = `${archive}.${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  return {
    flags: [`-XX:ArchiveClassesAtExit=${aside}`, '-Xlog:cds=error'],
    isWritten: true,
    ended: ({ code, signal }) => {
      // 143: ended by SIGTERM, archive written.
      const isWhole = signal !== 'SIGKILL' && (code === 0 || code === 143) && existsSync(aside);
      if (isWhole) renameSync(aside, archive);
      else rmSync(aside, { force: true });
    },
  };
}
