import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';
import { parseSoakOptions } from './soak-options.ts';

describe('the command line', () => {
  it('of a run repeats a seed, and has defaults for the rest', () => {
    expect(parseOptions(['--seed', '7', '--brokers', '3'])).toMatchObject({
      seed: 7,
      brokers: 3,
      orders: 500,
      seconds: 90,
    });
  });

  it('of a soak runs thirty seeds with the full load', () => {
    expect(parseSoakOptions(['--resume'])).toMatchObject({
      seeds: 30,
      firstSeed: 1,
      orders: 10_000,
      seconds: 300,
      resume: true,
    });
  });

  it.each([
    [['--seed', 'x'], '--seed: a whole number, 0 or more'],
    [['--brokers', '2'], '--brokers: 1 or 3'],
    [['--orders', '0'], '--orders: a whole number, 1 or more'],
    [['--fast'], '--fast'],
  ])('%j says what is wrong with it', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });

  it('answers help where that was asked for', () => {
    expect([parseOptions(['--help']), parseSoakOptions(['--help'])]).toEqual(['help', 'help']);
  });
});
