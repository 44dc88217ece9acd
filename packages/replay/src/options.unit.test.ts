import { UsageError } from '@skald/command-line';
import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';

describe('The command', () => {
  it.each([
    [['--order', 'ABC', '--at', '+2s'], { task: 'order', orderId: 'abc', at: { afterMs: 2_000 } }],
    [
      ['--order', 'a', '--at', '2026-01-31T12:00:00Z'],
      { task: 'order', orderId: 'a', at: { at: Date.UTC(2026, 0, 31, 12) } },
    ],
    [['--verify', '--json'], { task: 'verify', json: true }],
    [
      ['--record', 'f', '--from', '0@120,1@95', '--limit', '5'],
      {
        task: 'record',
        file: 'f',
        window: {
          from: {
            offsets: new Map([
              [0, 120],
              [1, 95],
            ]),
          },
          to: undefined,
          limit: 5,
        },
      },
    ],
    [['--against', 'd', '--recording', 'f'], { task: 'against', checkout: 'd', recording: 'f' }],
  ])('takes %j', (args, expected) => {
    expect(parseOptions(args)).toMatchObject(expected);
  });

  it.each([
    [[], /Give one of --order/],
    [['--order', 'a', '--verify'], /Give one of/],
    [['--verify', '--at', '+2s'], /--at does not go with --verify/],
    [['--order', 'a', '--at', 'soon'], /--at is a time such as/],
    [['--record', 'f', '--from', '0@x'], /--from: offsets are partition@offset/],
    [['--record', 'f', '--limit', '0'], /--limit is a whole number/],
    [['--against', 'd', '--recording', 'f', '--from', '2026-01-01'], /a recording has its own/],
    [['--nonsense'], /See --help/],
  ])('refuses %j', (args, message) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
    expect(() => parseOptions(args)).toThrow(message);
  });
});
