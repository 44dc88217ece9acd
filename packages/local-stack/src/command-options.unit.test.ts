import { UsageError } from '@skald/command-line';
import { describe, expect, it } from 'vitest';
import { parseOptions } from './command-options.ts';

describe('the command line', () => {
  it('starts all services once, with a first order, unless told otherwise', () => {
    expect(parseOptions('start', [])).toEqual({
      directory: '.skald',
      fresh: false,
      instances: 1,
      services: 'all',
      companions: ['dead-letters', 'order-view', 'console'],
      search: false,
      audits: true,
      demo: true,
      json: false,
    });
  });

  it('places no order for a script', () => {
    expect(parseOptions('start', ['--json'])).toMatchObject({ json: true, demo: false });
    expect(parseOptions('start', ['--no-demo', '--instances', '2'])).toMatchObject({
      demo: false,
      instances: 2,
    });
  });

  it('starts a search engine for who asks for one', () => {
    expect(parseOptions('start', ['--search'])).toMatchObject({ search: true, services: 'all' });
    expect(parseOptions('stack', ['--search'])).toMatchObject({ search: true, services: 'none' });
  });

  it('has an auditor beside the whole system, unless told otherwise', () => {
    expect(parseOptions('start', ['--no-audit'])).toMatchObject({ audits: false });
    expect(parseOptions('start', ['--only', 'order'])).toMatchObject({ audits: false });
  });

  it('starts chosen services', () => {
    expect(parseOptions('start', ['--only', 'order, email'])).toMatchObject({
      services: ['order', 'email'],
      companions: [],
    });
    expect(parseOptions('start', ['--only', 'dead-letters,order'])).toMatchObject({
      services: ['order'],
      companions: ['dead-letters'],
    });
    expect(parseOptions('stack', ['--fresh'])).toMatchObject({ services: 'none', fresh: true });
  });

  it.each([
    ['start', ['--frsh']],
    ['start', ['--instances', '0']],
    ['start', ['--instances', 'two']],
    ['start', ['--only', 'orders']],
    ['start', ['something']],
    ['stack', ['--instances', '2']],
    ['stack', ['--no-audit']],
  ] as const)('refuses %s %j', (command, args) => {
    expect(() => parseOptions(command, args)).toThrow(UsageError);
  });
});
