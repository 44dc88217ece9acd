import { UsageError } from '@skald/command-line';
import { testAddresses, testCards } from '@skald/contracts';
import { describe, expect, it } from 'vitest';
import { readSurroundings } from './config.ts';
import { commandNames, helpOf } from './help.ts';
import { parseOptions } from './options.ts';

const now = Date.parse('2026-01-31T12:00:00Z');
const id = '01a1fe09-5e67-7f68-8164-e3d98ce02c3a';
const parse = (...args: string[]) => parseOptions(args, now, () => undefined);

describe('place', () => {
  it('without options is an order that goes through', () => {
    expect(parse('place')).toMatchObject({
      command: 'place',
      count: undefined,
      wait: false,
      json: false,
      directory: '.skald',
      request: {
        customerId: 'ada',
        email: 'ada@example.org',
        items: [{ sku: 'SKU-0001', quantity: 1 }],
        paymentMethod: 'tok_visa',
        shippingAddress: { postalCode: '10115' },
      },
    });
  });

  it('takes products with their number, presets by name, and tokens as they are', () => {
    const options = ['--sku', 'SKU-0002:3', '--sku', 'SKU-0003', '--address', 'nowhere', '--customer', 'bo'];
    expect(parse('place', ...options, '--card', 'declined')).toMatchObject({
      request: {
        customerId: 'bo',
        items: [
          { sku: 'SKU-0002', quantity: 3 },
          { sku: 'SKU-0003', quantity: 1 },
        ],
        paymentMethod: 'tok_chargeDeclined',
        shippingAddress: { postalCode: '00000' },
      },
    });
    expect(parse('place', '--card', 'tok_new')).toMatchObject({ request: { paymentMethod: 'tok_new' } });
  });

  it('names every preset in its help', () => {
    for (const name of [...Object.keys(testCards), ...Object.keys(testAddresses)])
      expect(helpOf('place')).toContain(` ${name} `);
  });
});

describe('list', () => {
  it('asks for what its flags say, in the words of order-view', () => {
    const flags = [
      '--customer',
      'ada',
      '--status',
      'pending',
      '--min-amount',
      '49.9',
      '--from',
      '2h',
      '--oldest',
    ];
    expect(parse('list', ...flags, '--waits-for', 'payment', '--max-amount', '100')).toMatchObject({
      query: {
        customerId: 'ada',
        status: 'PENDING',
        minAmount: '4990',
        maxAmount: '10000',
        from: '2026-01-31T10:00:00.000Z',
        waitsFor: 'payment',
        sort: 'oldest',
      },
      limit: 20,
    });
  });
});

describe('Waiting', () => {
  it('has an end by itself, but for a watch', () => {
    expect([parse('place', '--wait'), parse('cancel', id), parse('watch', id)]).toMatchObject([
      { timeoutMs: 60_000 },
      { timeoutMs: 60_000, wait: true },
      { timeoutMs: undefined },
    ]);
    expect(parse('watch', id.toUpperCase(), '--timeout', '5m')).toMatchObject({
      orderId: id,
      timeoutMs: 300_000,
    });
  });
});

describe('Wrong arguments', () => {
  it.each([
    [['plaice'], 'There is no command plaice'],
    [['place', 'now'], 'place takes options alone, not now'],
    [['place', '--card', 'gold'], '--card is one of visa, declined'],
    [['place', '--card', 'toString'], '--card is one of visa, declined'],
    [['place', '--address', 'moon'], '--address is one of berlin'],
    [['place', '--sku', 'SKU-1:many'], '--sku is a whole number'],
    [['place', '--sku', ':2'], '--sku is a product'],
    [['place', '--count', '0'], '--count is a whole number from 1'],
    [['place', '--count', '2', '--idempotency-key', 'k'], '--idempotency-key is of one order'],
    [['place', '--timeout', '5s'], '--timeout is for --wait'],
    [['watch', id, '--timeout', 'soon'], '--timeout is a time such as 30s'],
    [['show'], 'show wants the id of an order'],
    [['show', id, id], 'show takes one id'],
    [['cancel', '17'], '17 is no order id'],
    [['list', '--min-amount', '4,90'], '--min-amount is money such as 49.90'],
    [['list', '--from', 'yesterday'], '--from is a time'],
    [['trace', id, '--colour'], "Unknown option '--colour'"],
  ])('%j are told: %s', (args, says) => {
    const failure = expect(() => parse(...args));
    failure.toThrow(UsageError);
    failure.toThrow(says);
  });

  it('are a TRACE_URL without a place for the id', () => {
    expect(() => readSurroundings({ TRACE_URL: 'http://traces.example' })).toThrow(/TRACE_URL/);
    expect(readSurroundings({ TRACE_URL: '', ORDER_URL: '' })).toEqual({});
  });
});

it('Every command has a help that tells its exit codes', () => {
  for (const command of commandNames) expect(helpOf(command)).toContain('Exit codes: 0');
});
