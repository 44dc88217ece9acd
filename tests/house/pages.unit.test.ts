import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exists, jsonOf, offences, paths, programs, textOf } from './tree.ts';

/** Everything that people read. */
const pages = paths
  .filter((path) => path.endsWith('.md'))
  .map((path) => ({ path, text: textOf(path), prose: textOf(path).replaceAll(/```[\s\S]*?```/g, '') }));

/** As GitHub makes them: lower case, no punctuation, blanks to hyphens. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+\s+(.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

function brokenLinks({ path, prose }: { path: string; prose: string }): string[] {
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : posix.join(posix.dirname(path), file);
    if (!exists(target)) return true;
    return anchor !== undefined && !anchorsOf(textOf(target)).includes(anchor);
  });
}

describe('pages', () => {
  it('link to what is there', () => {
    expect(offences(pages, brokenLinks)).toEqual([]);
  });

  it('name commands that package.json has', () => {
    const { scripts } = jsonOf('package.json') as { scripts: Record<string, string> };
    const commands = /\bnpm (?:run (?:--silent |-s )?([\w:-]+)|(?:--silent |-s )?(start|test)\b)/g;
    expect(
      offences(pages, ({ text }) =>
        [...text.matchAll(commands)]
          .map(([, run, plain]) => run ?? plain ?? '')
          .filter((name) => scripts[name] === undefined),
      ),
    ).toEqual([]);
  });

  it('name programs whose sources are there', () => {
    const programs = /\bnode ((?:packages|services|tests|scripts|docs)\/[\w./-]+\.(?:m?js|ts))/g;
    expect(
      offences(pages, ({ text }) =>
        [...text.matchAll(programs)]
          .map(([, program = '']) => program)
          .filter((program) => !exists(program) && !exists(sourceOf(program))),
      ),
    ).toEqual([]);
  });

  it('name files that are there', () => {
    const files = /`((?:packages|services|tests|schemas|scripts|docs|\.ci)\/[\w./-]+)`/g;
    expect(
      offences(pages, ({ text }) =>
        [...text.matchAll(files)]
          .map(([, file = '']) => file)
          .filter((file) => !exists(file) && !exists(sourceOf(file)) && !file.includes('/dist')),
      ),
    ).toEqual([]);
  });
});

describe('the configuration', () => {
  const readers = programs.filter(
    ({ path }) => path.endsWith('/config.ts') || path === 'packages/service-kit/src/environment.ts',
  );

  it('is told of, variable by variable, in the README or in that of its service', () => {
    expect(readers.length).toBeGreaterThan(5);
    expect(
      offences(readers, ({ home, code }) => {
        const pages = textOf('README.md') + (exists(`${home}/README.md`) ? textOf(`${home}/README.md`) : '');
        const variables = [...code.matchAll(/^\s+([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+):/gm)].map(
          ([, name = '']) => name,
        );
        return variables.filter((name) => !pages.includes(`\`${name}`));
      }),
    ).toEqual([]);
  });
});

describe('the promises of the README', () => {
  const table =
    textOf('README.md').split('<!-- promises: begin -->')[1]?.split('<!-- promises: end -->')[0] ?? '';
  const promises = table.trim().split('\n').slice(2);

  it('are each shown by a test that is there', () => {
    expect(promises.length).toBeGreaterThan(10);
    const tests = /`((?:packages|services|tests)\/[\w./-]+\.test\.ts)`/g;
    const unproven = promises.filter((row) => {
      const named = [...row.matchAll(tests)].map(([, path = '']) => path);
      return named.length === 0 || !named.every(exists);
    });
    expect(unproven).toEqual([]);
  });
});

/** Programs run from dist/, built from src/ (in tests/, from beside it). */
const sourceOf = (program: string): string =>
  program
    .replace(/^tests\/dist\//, 'tests/')
    .replace('/dist/', '/src/')
    .replace(/\.js$/, '.ts');
