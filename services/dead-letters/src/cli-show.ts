import { type Look, printable, printableJson, type Terminal, tableOf } from '@skald/command-line';
import { type DetailAnswer, detailAnswer } from './answer.ts';
import type { Client } from './cli-client.ts';
import { age } from './cli-list.ts';
import { type Options, writeName } from './cli-options.ts';

/** Everything about one. */
export async function showOne(
  client: Client,
  options: Options,
  terminal: Terminal,
  now: number,
): Promise<void> {
  const [name] = options.names;
  if (name === undefined) return;
  const detail = await client.get(`/dead-letters/${writeName(name)}`, detailAnswer);
  if (options.json) terminal.print(printableJson(detail));
  else for (const line of showLines(detail, terminal, now)) terminal.print(line);
}

export function showLines(detail: DetailAnswer, terminal: Look, now: number): string[] {
  const { paint } = terminal;
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', paint('bold', title), ...lines.map((line) => `  ${line}`)];
  return [
    ...factLines(detail, terminal, now),
    ...section('value', valueLines(detail)),
    ...section('value as it came', originalLines(detail)),
    ...section('headers', headerLines(detail)),
    ...section('stack', (detail.stack ?? '').split('\n').filter(Boolean).map(printable)),
    ...section('its key in its topic', neighbourLines(detail, terminal)),
    ...section('parked under its key', queueLines(detail, terminal)),
    ...section(
      'could not be found out',
      detail.missing.map((text) => paint('yellow', printable(text))),
    ),
  ];
}

function factLines(
  { deadLetter, parking, traceUrl, headers }: DetailAnswer,
  { paint }: Look,
  now: number,
): string[] {
  const { error } = deadLetter;
  const ago = (time: string) => `${time} (${age(now - Date.parse(time))} ago)`;
  const trace = traceUrl ?? headers['traceparent'];
  const facts: [string, string | undefined][] = [
    ['dead letter', paint('bold', writeName(deadLetter))],
    ['key', printable(deadLetter.key)],
    ['event', printable(deadLetter.event ?? '–')],
    ['error', `${paint('red', printable(error.code))} ${printable(error.text)}`],
    ['tries', `${deadLetter.attempts}${parking ? `, ${parking.redrivesLeft} redrives left` : ''}`],
    ['recorded', ago(deadLetter.recordedAt)],
    ['failed first', ago(deadLetter.firstFailedAt)],
    ['failed last', ago(deadLetter.lastFailedAt)],
    ['state', `${deadLetter.state}${deadLetter.edited ? ', edited' : ''}`],
    ['resolved', resolutionOf(deadLetter)],
    ['trace', trace && printable(trace)],
  ];
  return facts.flatMap(([name, value]) =>
    value === undefined ? [] : [`${paint('dim', name.padEnd(13))}${value}`],
  );
}

function resolutionOf(deadLetter: DetailAnswer['deadLetter']): string | undefined {
  const { resolvedAt, resolvedBy, resolvedBecause } = deadLetter;
  if (resolvedAt === null) return undefined;
  return `${resolvedAt} by ${printable(resolvedBy ?? '?')}: ${printable(resolvedBecause ?? '')}`;
}

function valueLines({ content, rawValue }: DetailAnswer): string[] {
  if ('name' in content) return printableJson(content.data, 2).split('\n');
  return [printable(content.undecodable), ...hexLines(rawValue)];
}

const originalLines = ({ originalValue }: DetailAnswer): string[] =>
  originalValue === null ? [] : hexLines(originalValue);

const headerLines = ({ headers }: DetailAnswer): string[] => {
  const width = Math.max(0, ...Object.keys(headers).map((name) => name.length));
  return Object.entries(headers).map(
    ([name, value]) => `${printable(name).padEnd(width)}  ${printable(value)}`,
  );
};

function neighbourLines({ neighbours, deadLetter }: DetailAnswer, terminal: Look): string[] {
  if (neighbours === null) return [];
  const { before, after, from, to } = neighbours;
  const here = { offset: deadLetter.offset, at: deadLetter.recordedAt, sequence: null, content: null };
  const rows = [...before, here, ...after].map(({ offset, at, sequence, content }) => [
    offset === deadLetter.offset ? '→' : '',
    String(offset),
    at,
    sequence === null ? '' : String(sequence),
    content === null ? (deadLetter.event ?? '') : 'name' in content ? content.name : content.undecodable,
    content !== null && 'name' in content ? printableJson(content.data) : '',
  ]);
  return [
    ...tableOf(
      [
        { title: ' ' },
        { title: 'offset', isNumber: true },
        { title: 'recorded' },
        { title: 'seq', isNumber: true },
        { title: 'event', gives: true },
        { title: 'data', gives: true },
      ],
      rows,
      narrower(terminal),
    ),
    terminal.paint('dim', `looked at offsets ${from} to ${to - 1}`),
  ];
}

function queueLines({ parking }: DetailAnswer, terminal: Look): string[] {
  if (parking === null || parking.queue.length === 0) return [];
  return tableOf(
    [
      { title: 'offset', isNumber: true },
      { title: 'seq', isNumber: true },
      { title: 'event' },
      { title: 'state' },
      { title: 'error', gives: true },
    ],
    parking.queue.map(({ offset, sequence, event, state, error }) => [
      String(offset),
      String(sequence ?? ''),
      event ?? '–',
      state,
      error === null ? '' : `${error.code} ${error.text}`,
    ]),
    narrower(terminal),
  );
}

/** Sections stand two to the right. */
const narrower = ({ width, paint }: Look): Look => ({
  width: width === undefined ? undefined : width - 2,
  paint,
});

const HEX_BYTES = 1_024;
const PER_LINE = 16;

/** Offset, bytes, and what of them is text; the beginning alone of what is long. */
export function hexLines(base64: string | null): string[] {
  if (base64 === null) return ['null'];
  const bytes = Buffer.from(base64, 'base64');
  const shown = bytes.subarray(0, HEX_BYTES);
  const lines: string[] = [];
  for (let at = 0; at < shown.length; at += PER_LINE) {
    const part = shown.subarray(at, at + PER_LINE);
    const hex = part
      .toString('hex')
      .replaceAll(/../g, '$& ')
      .padEnd(PER_LINE * 3);
    const text = part.toString('latin1').replaceAll(/[^\x20-\x7e]/g, '.');
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex} ${text}`);
  }
  if (bytes.length === 0) return ['(no bytes)'];
  return bytes.length > HEX_BYTES
    ? [...lines, `… ${bytes.length - HEX_BYTES} more bytes: --json has them`]
    : lines;
}
