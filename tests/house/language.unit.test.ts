import { describe, expect, it } from 'vitest';
import { offences, programs, type SourceFile, sources, textOf } from './tree.ts';

/** Lines of a file's code that a pattern is found in. */
const lines = (text: string, pattern: RegExp): string[] =>
  text
    .split('\n')
    .flatMap((line, index) => (pattern.test(line) ? [`line ${index + 1}: ${line.trim()}`] : []));

describe('language', () => {
  it('has no enum and no any', () => {
    expect(
      offences(sources, ({ bare }) => lines(bare, /\benum\s+\w+\s*\{|(?:[:<,|&(]|\bas)\s*any\b(?!\s*[(:.])/)),
    ).toEqual([]);
  });

  /** Read once, at the start, into a checked configuration: a variable read elsewhere is one that nobody checks. */
  it('process.env is read by config.ts alone; the local stack passes it on', () => {
    const others = programs.filter(
      ({ path, home }) => !path.endsWith('/config.ts') && home !== 'packages/local-stack',
    );
    expect(offences(others, ({ bare }) => lines(bare, /\bprocess\.env\b/))).toEqual([]);
  });

  it('no test is singled out, and none is left out without a reason', () => {
    const tests = sources.filter(({ isTest }) => isTest);
    expect(
      offences(tests, ({ bare }) => lines(bare, /\b(?:it|test|describe|suite)(?:\.\w+)*\.only\b/)),
    ).toEqual([]);
    expect(offences(tests, withoutReason)).toEqual([]);
  });

  it('no test waits by sleeping', () => {
    const tests = sources.filter(({ path }) => path.endsWith('.test.ts'));
    expect(
      offences(tests, ({ bare }) => lines(bare, /^\s*await\s+(?:sleep|delay|pause|setTimeout)\([^,()]*\);/)),
    ).toEqual([]);
  });
});

/** The reason stands in a comment on the line or the one above. `context.skip(reason)` brings its own. */
function withoutReason({ bare, code, path }: SourceFile): string[] {
  const skips = lines(bare, /\b(?:it|test|describe|suite)(?:\.\w+)*\.(?:skip|todo|skipIf|runIf|fails)\b/);
  const written = textOf(path).split('\n');
  const uncommented = code.split('\n');
  const hasComment = (line: number): boolean => written[line] !== uncommented[line];
  return skips.filter((skip) => {
    const line = Number(/\d+/.exec(skip)?.[0]) - 1;
    return !hasComment(line) && !hasComment(line - 1);
  });
}
