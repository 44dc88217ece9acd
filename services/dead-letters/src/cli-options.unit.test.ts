import { UsageError } from '@skald/command-line';
import { describe, expect, it } from 'vitest';
import { commandNames, helpOf } from './cli-help.ts';
import { parseName, parseOptions, writeName } from './cli-options.ts';

const now = Date.UTC(2026, 0, 31, 12);
const parse = (...args: string[]) => parseOptions(args, now, () => undefined);
const name = 'payment/orders.events/3/1042';

describe('the command line', () => {
  it('names a dead letter as it is listed', () => {
    const parsed = parseName(name);
    expect(parsed).toEqual({ group: 'payment', topic: 'orders.events', partition: 3, offset: 1042 });
    expect(writeName(parsed)).toBe(name);
  });

  it('changes nothing, slowly, unless told otherwise', () => {
    expect(parse('redrive', name)).toMatchObject({ yes: false, rate: 50, acceptGap: false, filter: {} });
  });

  it('takes filters, and times as so long ago', () => {
    expect(
      parse('try', '--group', 'payment', '--from', '2h', '--to', '2026-01-31T11:30:00Z')?.filter,
    ).toEqual({
      group: 'payment',
      from: '2026-01-31T10:00:00.000Z',
      to: '2026-01-31T11:30:00.000Z',
    });
    expect(parse('list', '--from', '7d')?.filter).toEqual({ from: '2026-01-24T12:00:00.000Z' });
  });

  it.each(commandNames)('has help for %s, which says how it is written', (command) => {
    let help = '';
    expect(
      parseOptions([command, '--help'], now, (text) => {
        help = text;
      }),
    ).toBeUndefined();
    expect(help).toBe(helpOf(command));
    expect(help).toMatch(new RegExp(`^npm run dlq -- ${command}`));
  });

  it.each([
    [],
    ['eat'],
    ['list', '--colour'],
    ['list', name],
    ['list', '--limit', '0'],
    ['list', '--from', 'yesterday'],
    ['show'],
    ['show', name, name],
    ['show', 'payment/orders.events/3'],
    ['show', 'nobody/orders.events/3/1'],
    ['show', 'payment/orders.events/3/-1'],
    ['try'],
    ['redrive', name, '--all'],
    ['redrive', name, '--group', 'payment'],
    ['redrive', '--all', '--yes'],
    ['redrive', '--all', '--yes', '--reason', ' '],
    ['redrive', '--all', '--rate', '1001'],
    ['discard', name, '--accept-gap'],
    ['edit', name, '--data', '{}'],
    ['edit', name, '--reason', 'r', '--data', '{}', '--file', 'f'],
  ])('refuses %j', (...args) => {
    expect(() => parse(...args)).toThrow(UsageError);
  });
});
