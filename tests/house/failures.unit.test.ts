import { failures } from '@skald/messaging';
import { describe, expect, it } from 'vitest';
import { exists, programs, textOf } from './tree.ts';

/** Errors that are thrown with a code in place: class and code. */
const THROWN = /new (Transient|Poison|Fatal|Overload)Error\(\s*'([A-Z][A-Z0-9_]+)'/g;

const kindsOf = (code: string) =>
  failures
    .filter(({ codes }) => (codes as readonly string[]).includes(code))
    .map(({ kind }) => kind as string);

describe('the table of failures', () => {
  const kernel = programs.filter(({ home }) => home === 'packages/messaging');

  it('has every code that the kernel throws, as what it is thrown as', () => {
    const thrown = kernel.flatMap(({ path }) =>
      [...textOf(path).matchAll(THROWN)].map(([, name = '', code = '']) => ({
        path,
        code,
        kind: name.toLowerCase(),
      })),
    );
    expect(thrown.length).toBeGreaterThan(30);
    expect(thrown.filter(({ code, kind }) => !kindsOf(code).includes(kind))).toEqual([]);
  });

  it('has no code that nobody throws', () => {
    const sources = kernel
      .filter(({ path }) => !path.endsWith('/failures.ts'))
      .map(({ path }) => textOf(path))
      .join('\n');
    // Of an exception that says nothing of itself; and of an error with a class of its own.
    const elsewhere = ['HANDLER_FAILED', 'NOT_SAVED'];
    const dead = failures
      .flatMap(({ codes }): readonly string[] => codes)
      .filter((code) => !elsewhere.includes(code) && !sources.includes(`'${code}'`));
    expect(dead.filter((code) => code !== 'FENCED')).toEqual([]);
  });

  it('names, for each of its rows, tests that are there and make it happen on something real', () => {
    for (const { when, shownBy } of failures) {
      const proofs: readonly (readonly [string, string])[] = shownBy;
      expect(proofs.length, when).toBeGreaterThan(0);
      for (const [file, title] of proofs) {
        expect(file, when).toMatch(/\.(?:int|e2e)\.test\.ts$/);
        expect(exists(file), file).toBe(true);
        expect(textOf(file), `${file}: ${title}`).toContain(title);
      }
    }
  });
});
