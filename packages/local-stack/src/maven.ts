import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { StackError } from './errors.ts';

export interface MavenDownload {
  readonly pomFile: string;
  /** For people: `Kafka and the registry`. */
  readonly what: string;
  /** MB that a first run fetches, Maven's own plugins included: for the progress line alone. */
  readonly expected: number;
  /** Where the pom puts the files. */
  readonly directory: string;
  readonly logFile: string;
  onProgress(line: string): void;
  readonly signal?: AbortSignal | undefined;
}

/** ms */
const progressEvery = 1_000;
/** MB */
const progressStep = 5;

/** Runs the pom. Throws a StackError that quotes Maven's output. */
export async function downloadWithMaven({
  pomFile,
  what,
  expected,
  directory,
  logFile,
  onProgress,
  signal,
}: MavenDownload): Promise<void> {
  signal?.throwIfAborted();
  onProgress(`Downloading ${what} with Maven (about ${expected} MB, once)`);
  // Without --batch-mode, as Maven then tells how far each file is; it asks nothing as it has no input.
  const flags = [
    '-Dstyle.color=never',
    `-Dskald.directory=${directory}`,
    '-f',
    pomFile,
    'generate-resources',
  ];
  const child = spawn('mvn', flags, { stdio: ['ignore', 'pipe', 'pipe'], ...(signal ? { signal } : {}) });
  const log = createWriteStream(logFile);
  const meter = createMeter();
  child.stdout.on('data', (chunk: Buffer) => {
    meter.read(chunk.toString());
    log.write(chunk.toString().replaceAll('\r', '\n'));
  });
  child.stderr.pipe(log, { end: false });
  let told = 0;
  const timer = setInterval(() => {
    const megabytes = Math.round(meter.megabytes());
    if (megabytes - told < progressStep) return;
    told = megabytes;
    onProgress(`Downloading: ${megabytes} of about ${expected} MB`);
  }, progressEvery);
  try {
    const code = await exitCode(child);
    log.end();
    await finished(log);
    if (code !== 0) throw new StackError(`Maven could not fetch ${what}`, { logFile });
    onProgress(`Downloaded ${what} (${Math.round(meter.megabytes())} MB)`);
  } finally {
    clearInterval(timer);
  }
}

function exitCode(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause: NodeJS.ErrnoException) => {
      const isMissing = cause.code === 'ENOENT';
      reject(
        isMissing
          ? new StackError('Maven is missing: apt install maven, or brew install maven', { cause })
          : cause,
      );
    });
    child.once('close', resolve);
  });
}

const units: Readonly<Record<string, number>> = { B: 1e-6, kB: 1e-3, MB: 1, GB: 1e3 };

/** Adds up what Maven says: files that are whole, and how far those under way are. */
export function createMeter(): { read(output: string): void; megabytes(): number } {
  let whole = 0;
  let underWay = 0;
  return {
    read(output) {
      for (const line of output.split(/[\r\n]/)) {
        const downloaded = /^\s*Downloaded from .*\(([\d.]+) (B|kB|MB|GB) at/.exec(line);
        if (downloaded) {
          whole += Number(downloaded[1]) * (units[downloaded[2] ?? ''] ?? 0);
          underWay = 0;
        } else if (line.startsWith('Progress (')) underWay = sumOf(line);
      }
    },
    megabytes: () => whole + underWay,
  };
}

/** `Progress (2): 0.2/7.3 MB | 98 kB`, and with the files' names in newer versions. */
function sumOf(line: string): number {
  const sizes = [...line.matchAll(/([\d.]+)(?:\/[\d.]+)? (B|kB|MB|GB)\b/g)];
  return sizes.reduce((sum, [, size, unit]) => sum + Number(size) * (units[unit ?? ''] ?? 0), 0);
}
