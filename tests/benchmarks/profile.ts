import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The part of V8's .cpuprofile format that self times need. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  /** µs between samples. */
  readonly timeDeltas: readonly number[];
}

export interface SelfTime {
  /** Function and where it stands; for a group its name. */
  readonly name: string;
  readonly ms: number;
}

/** What isn't the program's: waiting, and the inspector that starts the profile. */
const leftOut = new Set(['(idle)', 'dispatch']);

/** Self time by function, most first. Idle time is left out. */
export function selfTimes(profiles: readonly CpuProfile[]): SelfTime[] {
  return sumBy(profiles, ({ functionName, url, lineNumber }) =>
    url === ''
      ? functionName || '(native)'
      : `${functionName || '(anonymous)'} ${shorten(url)}:${lineNumber + 1}`,
  );
}

/** Self time by package, most first: where to look before looking at functions. */
export function selfTimesByPackage(profiles: readonly CpuProfile[]): SelfTime[] {
  return sumBy(profiles, ({ functionName, url }) => packageOf(functionName, url));
}

function sumBy(
  profiles: readonly CpuProfile[],
  name: (frame: CpuProfile['nodes'][number]['callFrame']) => string,
): SelfTime[] {
  const sums = new Map<string, number>();
  for (const { nodes, samples, timeDeltas } of profiles) {
    const names = new Map(
      nodes
        .filter(({ callFrame }) => callFrame.url !== '' || !leftOut.has(callFrame.functionName))
        .map((node) => [node.id, name(node.callFrame)]),
    );
    samples.forEach((id, index) => {
      const key = names.get(id);
      if (key !== undefined) sums.set(key, (sums.get(key) ?? 0) + (timeDeltas[index] ?? 0) / 1_000);
    });
  }
  return [...sums].map(([key, ms]) => ({ name: key, ms })).sort((left, right) => right.ms - left.ms);
}

/** file:///…/node_modules/.pnpm/pg@8/node_modules/pg/lib/client.js → pg/lib/client.js; ours from the repository's root. */
function shorten(url: string): string {
  const dependency = url.lastIndexOf('/node_modules/');
  if (dependency >= 0) return url.slice(dependency + '/node_modules/'.length);
  return /(?:packages|services|tests)\/.*$/.exec(url)?.[0] ?? url;
}

function packageOf(functionName: string, url: string): string {
  if (url === '') return functionName.startsWith('(') ? functionName : '(native)';
  if (url.startsWith('node:')) return 'node';
  const path = shorten(url).split('/');
  return path.slice(0, /^(?:@.*|packages|services|tests)$/.test(path[0] ?? '') ? 2 : 1).join('/');
}

export function readProfiles(folder: string): CpuProfile[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.cpuprofile'))
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile);
}
