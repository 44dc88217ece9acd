import { describe, expect, it } from 'vitest';
import { help, parseCommand } from './rebuild-command.ts';

describe('the command line of a rebuild', () => {
  it('rebuilds, keeps one generation and waits a minute, unless told otherwise', () => {
    expect(parseCommand([])).toEqual({
      task: 'rebuild',
      isDryRun: false,
      acceptsDifferences: false,
      keep: 1,
      patienceMs: 60_000,
      directory: '.skald',
      json: false,
    });
    expect(parseCommand(['--keep', '0', '--patience', '5', '--dry-run', '--json'])).toMatchObject({
      isDryRun: true,
      keep: 0,
      patienceMs: 5_000,
      json: true,
    });
    expect(parseCommand(['--rollback'])?.task).toBe('rollback');
  });

  it.each([
    [['--keep', '-1'], /--keep/],
    [['--keep', 'many'], /--keep is a whole number from 0 to 999999, not many/],
    [['--patience', '0'], /--patience/],
    [['--rollback', '--dry-run'], /exclude each other/],
    [['--accept-differences', '--dry-run'], /exclude each other/],
    [['--colour'], /--colour/],
    [['now'], /now/],
  ])('refuses %j, and says why', (args, says) => {
    expect(() => parseCommand(args)).toThrow(says);
  });

  it('tells what there is, and what each exit code means', () => {
    expect(parseCommand(['--help'])).toBeUndefined();
    expect(help).toMatch(/Exit codes: 0 .* 1 .* 2 .* 130, 143/s);
  });
});
