import { deadLetterTopics, topics } from '@skald/contracts';
import { describe, expect, it } from 'vitest';
import { offences, paths, programs, sources } from './tree.ts';

const topicNames: ReadonlySet<string> = new Set([
  ...Object.keys(topics),
  ...deadLetterTopics.map(({ name }) => name),
]);

describe('names', () => {
  it('topics are named in the catalogue and nowhere else', () => {
    const others = programs.filter(({ path }) => path !== 'packages/contracts/src/catalogue.ts');
    expect(offences(others, ({ literals }) => literals.filter((literal) => topicNames.has(literal)))).toEqual(
      [],
    );
  });

  it('files are in kebab-case', () => {
    const wrong = sources.filter(
      ({ path }) => !/(?:^|\/)[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)*\.tsx?$/.test(path),
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it('a folder says what is in it', () => {
    const drawers = /(?:^|\/)(?:common|shared|utils?|core|helpers?|lib|misc)\//;
    expect(paths.filter((path) => drawers.test(path))).toEqual([]);
  });

  it('a file or a class is no Manager, Helper, Impl or Base', () => {
    expect(
      offences(sources, ({ path, bare }) => [
        ...(/-(?:manager|helpers?|impl|base|utils?)\.ts$/.test(path) ? ['its name'] : []),
        ...[...bare.matchAll(/\b(?:class|interface|type)\s+(\w+(?:Manager|Helper|Impl|Base))\b/g)].map(
          ([, name = '']) => name,
        ),
      ]),
    ).toEqual([]);
  });

  it('a test says by its name what it needs', () => {
    const tests = paths.filter((path) => path.endsWith('.test.ts'));
    expect(tests.filter((path) => !/\.(?:unit|int|e2e)\.test\.ts$/.test(path))).toEqual([]);
  });
});
