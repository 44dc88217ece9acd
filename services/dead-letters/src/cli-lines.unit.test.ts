import { cut, printable, printableJson } from '@skald/command-line';
import { createFakeTerminal } from '@skald/testkit';
import { describe, expect, it } from 'vitest';
import type { DeadLetterAnswer, DetailAnswer, Line, ResultLine } from './answer.ts';
import { type Client, linesOf } from './cli-client.ts';
import { runJobCommand, textOf } from './cli-job.ts';
import { age, listLines } from './cli-list.ts';
import { parseOptions } from './cli-options.ts';
import { hexLines, showLines } from './cli-show.ts';

const at = '2026-01-31T12:00:00.000Z';
const now = Date.parse(at) + 90_000;
const plain = (_colour: unknown, text: string) => text;
const hostile = '\u001b[31mred\u001b[0m\u202e\u0085\r\n';

const deadLetter: DeadLetterAnswer = {
  group: 'payment',
  topic: 'orders.events',
  partition: 3,
  offset: 42,
  key: 'order-1',
  event: 'OrderCreated',
  error: { code: 'UNDECODABLE', text: `not in the wire format ${hostile}` },
  attempts: 2,
  recordedAt: at,
  firstFailedAt: at,
  lastFailedAt: at,
  edited: false,
  state: 'open',
  resolvedAt: null,
  resolvedBy: null,
  resolvedBecause: null,
};

describe('what strangers wrote', () => {
  it('can not tell the terminal what to do', () => {
    expect(printable(hostile)).toBe('·[31mred·[0m·');
    const json = printableJson({ text: `\u009b${hostile}` });
    expect(json).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(JSON.parse(json)).toEqual({ text: `\u009b${hostile}` });
  });

  it('is cut where there is no room, with a sign', () => {
    expect([cut('abcdef', 4), cut('abc', 4), cut('😀😀😀', 2)]).toEqual(['abc…', 'abc', '😀…']);
  });
});

describe('a list', () => {
  const facets = { total: 9, group: { payment: 9 }, topic: { 'orders.events': 9 }, code: { UNDECODABLE: 9 } };
  const lines = (columns?: number, wantsColour = false) =>
    listLines(
      [deadLetter],
      facets,
      'open',
      createFakeTerminal({ ...(columns && { columns }), wantsColour }),
      now,
    );

  it('fits the terminal: what can give gives', () => {
    for (const width of [80, 100, 120])
      for (const line of lines(width)) expect(line.length).toBeLessThanOrEqual(width);
    expect(lines(100)[1]).toContain('payment/orders.events/3/42');
    expect(lines(100)[1]).toContain('…');
  });

  it('is whole and plain where it is no terminal', () => {
    expect(lines()[1]).toMatch(
      /^payment\/orders\.events\/3\/42 {2}order-1 {2}OrderCreated {2}UNDECODABLE +2 {2}1 min {2}not in the wire format/,
    );
    expect(lines().join('')).not.toMatch(/\p{Cc}/u);
    expect(lines(undefined, true).join('')).toContain('\u001b[1mpayment/orders.events/3/42');
  });

  it('says how many there are, of which kind, and how many are shown', () => {
    expect(lines().slice(-4)).toEqual([
      'The newest 1 of 9 open dead letters',
      'group  payment 9',
      'topic  orders.events 9',
      'error  UNDECODABLE 9',
    ]);
    expect(listLines([], null, 'open', createFakeTerminal(), now)).toEqual(['No open dead letters match.']);
  });

  it('tells ages in their largest unit', () => {
    expect([0, 59_999, 60_000, 7_200_000, 200_000_000].map(age)).toEqual([
      '0 s',
      '59 s',
      '1 min',
      '2 h',
      '2 d',
    ]);
  });
});

describe('one that is shown', () => {
  const detail: DetailAnswer = {
    deadLetter,
    content: { undecodable: 'not in the Confluent wire format' },
    rawKey: null,
    rawValue: Buffer.from('not an event\u0007').toString('base64'),
    originalValue: null,
    headers: { ce_type: 'OrderCreated', evil: hostile },
    stack: `Error: x\n    at y ${hostile}`,
    parking: { queue: [], redrivesLeft: 4 },
    neighbours: {
      before: [{ offset: 40, at, sequence: 1, content: { name: 'OrderCreated', data: { a: 1 } } }],
      after: [{ offset: 50, at, sequence: 3, content: { undecodable: 'cut' } }],
      from: 0,
      to: 100,
    },
    traceUrl: 'http://traces/abc',
    missing: ['its queue: payment does not answer'],
  };
  const show = (more: Partial<DetailAnswer> = {}) =>
    showLines({ ...detail, ...more }, createFakeTerminal(), now).join('\n');

  it('has all there is, bytes in hex, and nothing that a terminal would obey', () => {
    const text = show();
    expect(text).toContain('0000  6e 6f 74 20 61 6e 20 65 76 65 6e 74 07           not an event.');
    expect(text).toContain('4 redrives left');
    expect(text).toContain('http://traces/abc');
    expect(text).toContain('its queue: payment does not answer');
    expect(text).toContain('looked at offsets 0 to 99');
    const order = ['40', '→', '50'].map((mark) => text.indexOf(mark));
    expect(order).toEqual([...order].sort((one, other) => one - other));
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
  });

  it('is decoded where it can be', () => {
    expect(show({ content: { name: 'OrderCreated', data: { total: 5 } } })).toContain('"total": 5');
  });

  it('tells no bytes from none, and stops after a kilobyte', () => {
    expect(hexLines(null)).toEqual(['null']);
    expect(hexLines('')).toEqual(['(no bytes)']);
    const lines = hexLines(Buffer.alloc(2_000).toString('base64'));
    expect([lines.length, lines.at(-1)]).toEqual([65, '… 976 more bytes: --json has them']);
  });
});

const result = (offset: number, more: Partial<ResultLine> = {}): ResultLine => ({
  type: 'result',
  deadLetter: { group: 'payment', topic: 'orders.events', partition: 3, offset, key: 'k' },
  outcome: 'applies',
  failed: false,
  refusal: null,
  verdicts: [],
  drained: true,
  taken: 1,
  ...more,
});
const verdict = (offset: number, more: object = {}): ResultLine['verdicts'][number] => ({
  topic: 'orders.events',
  partition: 3,
  offset,
  event: 'OrderCreated',
  verdict: 'applies',
  reason: null,
  error: null,
  events: [],
  effects: [],
  ...more,
});

describe('a verdict', () => {
  it('says what would follow, and what waits behind', () => {
    const events = [{ name: 'PaymentCompleted', topic: 't', key: 'k', data: {} }];
    const verdicts = [
      verdict(1, { events, effects: [{ kind: 'charge', id: 'c' }] }),
      verdict(2),
      verdict(3, { verdict: 'fails' }),
    ];
    expect(textOf(result(1, { verdicts }), plain)).toBe(
      'applies → PaymentCompleted, the effect charge (behind it: 1 applies, 1 fails)',
    );
  });

  it('gives the reason, the error or the refusal', () => {
    const ignored = {
      outcome: 'ignored',
      verdicts: [verdict(1, { verdict: 'ignored', reason: 'cancelled' })],
    };
    expect(textOf(result(1, ignored), plain)).toBe('ignored: cancelled');
    const fails = {
      outcome: 'fails',
      verdicts: [verdict(1, { error: { code: 'BAD', text: `x${hostile}` } })],
    };
    expect(textOf(result(1, fails), plain)).toBe('fails: BAD, x·[31mred·[0m·');
    expect(textOf(result(1, { outcome: 'waiting', refusal: 'waiting' }), plain)).toContain(
      'act upon that one',
    );
  });
});

describe('a job', () => {
  const end = (total: number, more: Partial<Extract<Line, { type: 'end' }>> = {}): Line => ({
    type: 'end',
    total,
    done: total,
    failed: 0,
    taken: total,
    outcomes: { applies: total },
    stopped: null,
    ...more,
  });
  async function run(args: string[], lines: Line[], columns?: number) {
    const terminal = createFakeTerminal({ ...(columns && { columns }), wantsColour: false });
    const posted: unknown[] = [];
    const client: Pick<Client, 'post'> = {
      async *post(path, body) {
        posted.push([path, body]);
        yield* lines;
      },
    };
    const options = parseOptions(args, now, () => undefined);
    if (options === undefined) throw new Error('no help was asked for');
    const code = await runJobCommand(client as Client, options, terminal, 'ada');
    return { code, posted, terminal };
  }
  const start = (total: number): Line => ({ type: 'start', action: 'redrive', dryRun: true, total });
  const many = (count: number) => Array.from({ length: count }, (_, offset) => result(offset));

  it('tells of each of a few, and that nothing was changed', async () => {
    const { code, posted, terminal } = await run(['redrive', '--all'], [start(2), ...many(2), end(2)]);
    expect([code, posted]).toEqual([
      0,
      [
        [
          '/redrives',
          { filter: {}, perSecond: 50, acceptGap: false, dryRun: true, by: 'ada', reason: 'a dry run' },
        ],
      ],
    ]);
    expect(terminal.stdout).toBe(
      'payment/orders.events/3/0  applies\npayment/orders.events/3/1  applies\n\n2 tried: 2 applies\nNothing was changed. To redrive: the same with --yes --reason "…"\n',
    );
  });

  it('means it with --yes, and says who and why', async () => {
    const { posted } = await run(
      ['discard', 'payment/orders.events/3/1', '--yes', '--reason', 'old', '--by', 'eve'],
      [start(1), end(1)],
    );
    expect(posted).toMatchObject([['/discards', { dryRun: false, by: 'eve', reason: 'old' }]]);
  });

  it('tells of many by their kind, and how far it is on standard error', async () => {
    const lines = [
      start(100),
      ...many(99),
      result(99, { outcome: 'fails', failed: true }),
      end(100, { failed: 1 }),
    ];
    const { code, terminal } = await run(['try', '--all'], lines);
    expect(code).toBe(1);
    expect(terminal.stdout).toContain('99  payment: applies  such as payment/orders.events/3/0');
    expect(terminal.stdout).toContain(' 1  payment: fails  such as payment/orders.events/3/99');
    expect(terminal.stderr.trim().split('\n')).toHaveLength(10);
    expect(terminal.stderr).toContain('100 of 100');
  });

  it('draws a bar on a terminal, and wipes it before it goes on', async () => {
    const { terminal } = await run(['try', '--all'], [start(100), ...many(100), end(100)], 80);
    expect(terminal.stderr).toContain('████████████████████████ 100 of 100');
    expect(terminal.stderr.endsWith('\r\u001b[K')).toBe(true);
  });

  it('is lines of JSON where they are asked for', async () => {
    const lines = [start(1), ...many(1), end(1)];
    const { terminal } = await run(['try', '--all', '--json'], lines);
    expect(
      terminal.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Line),
    ).toEqual(lines);
  });

  it('that was ended early, or waits, says so', async () => {
    const waiting: Line = { type: 'waiting', for: 'payment', because: 'payment does not answer' };
    const { code, terminal } = await run(
      ['redrive', '--all', '--yes', '--reason', 'r'],
      [start(5), waiting, ...many(2), end(5, { done: 2, stopped: 'the service is stopping' })],
    );
    expect(code).toBe(1);
    expect(terminal.stderr).toContain('Waiting: payment does not answer');
    expect(terminal.stdout).toContain('2 of 5 redriven');
    expect(terminal.stdout).toContain('Ended early: the service is stopping');
  });

  it('whose answer breaks off has failed', async () => {
    await expect(run(['try', '--all'], [start(2), ...many(1)])).rejects.toThrow(/broke off/);
  });
});

it('lines may be cut anywhere on their way', async () => {
  const bytes = Buffer.from('{"a":"ä"}\n\n{"b":2}');
  for (let at = 0; at <= bytes.length; at += 1) {
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start(controller) {
        controller.enqueue(Uint8Array.from(bytes.subarray(0, at)));
        controller.enqueue(Uint8Array.from(bytes.subarray(at)));
        controller.close();
      },
    });
    const lines: string[] = [];
    for await (const line of linesOf({ body })) lines.push(line);
    expect(lines).toEqual(['{"a":"ä"}', '{"b":2}']);
  }
});
