import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { promisify } from 'node:util';

export interface Machine {
  readonly cores: number;
  readonly model: string;
  readonly memoryGiB: number;
  /** One-minute load average before anything was started. */
  readonly loadBefore: number;
  readonly node: string;
  readonly java: string;
  readonly kafka: string;
  readonly postgres: string;
}

export async function describeMachine(): Promise<Omit<Machine, 'kafka' | 'postgres'>> {
  return {
    cores: cpus().length,
    model: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    loadBefore: loadAverage(),
    node: process.version,
    java: await javaVersion(),
  };
}

/** Of the last minute. */
export const loadAverage = (): number => Math.round((loadavg()[0] ?? 0) * 100) / 100;

async function javaVersion(): Promise<string> {
  try {
    const { JAVA_HOME: home } = process.env;
    const java = home === undefined ? 'java' : `${home}/bin/java`;
    const { stderr } = await promisify(execFile)(java, ['-version']);
    return /"([^"]+)"/.exec(stderr)?.[1] ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

/** The broker's version as its class path names it. */
export function kafkaVersion(pid: number): string {
  try {
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return /kafka(?:_2\.13|-clients)-(\d+(?:\.\d+)+)\.jar/.exec(commandLine)?.[1] ?? 'unknown';
  } catch {
    return 'unknown';
  }
}
