import { UsageError } from '@skald/command-line';
import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';

describe("the benchmark's options", () => {
  it('measure everything of Skald and of the tutorial by default', () => {
    expect(parseOptions([])).toMatchObject({
      mode: 'full',
      contenders: ['skald', 'tutorial'],
      rate: 100,
      seconds: 60,
      precision: 0.05,
      json: false,
    });
  });

  it.each([
    [['--rate', '1500'], { mode: 'rate', rate: 1_500 }],
    [['--latency'], { mode: 'latency', rate: 100, latencySeconds: 20 }],
    [['--latency', '--rate', '50', '--seconds', '5'], { mode: 'latency', rate: 50, latencySeconds: 5 }],
    [['--find-highest', '--contender', 'tutorial'], { mode: 'highest', contenders: ['tutorial'] }],
    [['--contender', 'sketch,skald'], { mode: 'full', contenders: ['sketch', 'skald'] }],
    [['--idle'], { mode: 'idle', contenders: ['skald'] }],
  ])('%j', (args, options) => {
    expect(parseOptions(args)).toMatchObject(options);
  });

  it('answer help', () => {
    expect(parseOptions(['--help'])).toBe('help');
  });

  it.each([
    [['--rate', 'fast'], "--rate: a number above 0, not 'fast'"],
    [['--seconds', '-1'], '--seconds'],
    [['--contender', 'restate'], "skald, tutorial, sketch, not 'restate'"],
    [['--idle', '--latency'], 'exclude each other'],
    [['--quick'], '--quick'],
  ])('refuse %j and say why', (args, message) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
    expect(() => parseOptions(args)).toThrow(message);
  });
});
