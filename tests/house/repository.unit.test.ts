import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exists, foldersIn, jsonOf, offences, paths, root, textOf } from './tree.ts';

const packageFiles = paths.filter((path) => /(?:^|\/)package\.json$/.test(path));
const texts = paths
  .filter((path) => !path.startsWith('tests/house/'))
  .map((path) => ({ path, text: textOf(path) }));

describe('versions', () => {
  it('are exact, in every package', () => {
    const sections = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];
    const found = offences(
      packageFiles.map((path) => ({ path })),
      ({ path }) =>
        sections
          .flatMap((section) => Object.entries((jsonOf(path)[section] ?? {}) as Record<string, string>))
          .filter(([, version]) => !/^(?:workspace:\*|\d+\.\d+\.\d+(?:-[\w.]+)?)$/.test(version))
          .map(([name, version]) => `${name} ${version}`),
    );
    expect(found).toEqual([]);
  });

  it('of one dependency are the same wherever it is used', () => {
    const versions = new Map<string, Set<string>>();
    for (const path of packageFiles) {
      const { dependencies, devDependencies } = jsonOf(path) as Record<string, Record<string, string>>;
      for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
        versions.set(name, (versions.get(name) ?? new Set()).add(version));
      }
    }
    expect([...versions].filter(([, found]) => found.size > 1).map(([name]) => name)).toEqual([]);
  });

  it('name no host and no tarball: what is installed comes from wherever the machine is set up for', () => {
    const files = texts.filter(({ path }) =>
      /(?:^|\/)(?:pnpm-lock\.yaml|pnpm-workspace\.yaml|\.npmrc|package\.json)$/.test(path),
    );
    expect(files.length).toBeGreaterThan(4);
    expect(
      offences(files, ({ text }) => text.match(/https?:\/\/\S+|\btarball\b|\bregistry\s*=\S+/g) ?? []),
    ).toEqual([]);
  });
});

describe('migrations', () => {
  const folders = ['packages/messaging', ...foldersIn('services').map((name) => `services/${name}`)].filter(
    (home) => exists(`${home}/migrations`),
  );

  it.each(folders)('of %s are numbered without a gap', (home) => {
    const files = readdirSync(join(root, home, 'migrations')).sort();
    expect(files.filter((file) => !/^\d{3}_[a-z0-9]+(?:_[a-z0-9]+)*\.sql$/.test(file))).toEqual([]);
    expect(files.map((file) => Number(file.slice(0, 3)))).toEqual(files.map((_, index) => index + 1));
  });
});

describe('what is committed', () => {
  it('names no folder of anybody’s machine', () => {
    const elsewhere = /(?:^|[\s'"`(=:])(?:\/(?:home|root|Users|work|mnt|srv)\/[\w.-]+|[A-Z]:\\\\?\w+)/gm;
    expect(offences(texts, ({ text }) => text.match(elsewhere) ?? [])).toEqual([]);
  });

  it('holds no secret that looks like one', () => {
    const secret =
      /-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{36}\b|\bsk_live_\w+/g;
    expect(offences(texts, ({ text }) => text.match(secret) ?? [])).toEqual([]);
  });

  it('runs what the scripts of package.json name', () => {
    const { scripts } = jsonOf('package.json') as { scripts: Record<string, string> };
    const programs = Object.values(scripts).map((script) => /^node (\S+)/.exec(script)?.[1] ?? script);
    expect(programs.filter((program) => !exists(program))).toEqual([]);
  });
});
