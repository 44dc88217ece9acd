import { describe, expect, it } from 'vitest';
import { colourWish } from './config.ts';
import { UsageError } from './errors.ts';
import { duration, flag, moment, parseFlags, textFlag, wholeNumber } from './flags.ts';

const now = Date.parse('2026-01-31T12:00:00Z');

describe('Flags', () => {
  it('are what they say', () => {
    const { values } = parseFlags({
      args: ['--name', 'ada', '--json'],
      options: { name: textFlag, json: flag },
    });
    expect(values).toEqual({ name: 'ada', json: true });
    expect(wholeNumber('n', '12', [1, 20])).toBe(12);
    expect([duration('t', '500ms'), duration('t', '1.5s'), duration('t', '2h')]).toEqual([
      500, 1_500, 7_200_000,
    ]);
    expect(moment('t', '90m', now)).toBe('2026-01-31T10:30:00.000Z');
    expect(moment('t', '2026-01-30', now)).toBe('2026-01-30T00:00:00.000Z');
  });

  it.each([
    [
      'an unknown one',
      () => parseFlags({ args: ['--nmae'], options: { name: textFlag } }, 'See: x'),
      /nmae.*\nSee: x/,
    ],
    ['one without its value', () => parseFlags({ args: ['--name'], options: { name: textFlag } }), /name/],
    ['no number', () => wholeNumber('n', '1e3', [1, 20]), '--n is a whole number from 1 to 20, not 1e3'],
    ['one that is too large', () => wholeNumber('n', '21', [1, 20]), '--n'],
    ['a time without a unit', () => duration('t', '5'), '--t is a time'],
    ['no time at all', () => duration('t', '0s'), '--t is a time'],
    ['a moment that is none', () => moment('t', '5', now), '--t is a time'],
  ])('that are wrong are told: %s', (_what, parse, says) => {
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(says);
  });
});

it('Colours are as NO_COLOR and FORCE_COLOR say, in this order', () => {
  expect(colourWish({})).toBeUndefined();
  expect(colourWish({ NO_COLOR: '' })).toBeUndefined();
  expect(colourWish({ NO_COLOR: '1', FORCE_COLOR: '1' })).toBe(false);
  expect([colourWish({ FORCE_COLOR: '1' }), colourWish({ FORCE_COLOR: '0' })]).toEqual([true, undefined]);
});
