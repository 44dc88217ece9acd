import { type Paint, printableJson, type Terminal, tableOf } from '@skald/command-line';
import { type DeadLetterAnswer, type ListAnswer, listAnswer } from './answer.ts';
import type { Client } from './cli-client.ts';
import { type Options, writeName } from './cli-options.ts';

const PAGE = 1_000;

/** Dead letters as a table, newest first, and how many there are of which kind. */
export async function list(client: Client, options: Options, terminal: Terminal, now: number): Promise<void> {
  const rows: DeadLetterAnswer[] = [];
  let facets: ListAnswer['facets'] = null;
  for (let cursor: string | null | undefined; cursor !== null && rows.length < options.limit; ) {
    const page: ListAnswer = await client.get(
      pathOf(options, options.limit - rows.length, cursor),
      listAnswer,
    );
    facets ??= page.facets;
    cursor = page.nextCursor;
    if (options.json) for (const row of page.deadLetters) terminal.print(printableJson(row));
    rows.push(...page.deadLetters);
  }
  if (options.json) return;
  for (const line of listLines(rows, facets, options.state, terminal, now)) terminal.print(line);
}

function pathOf({ filter, state }: Options, limit: number, cursor: string | undefined): string {
  const query = new URLSearchParams({ ...filter, state, limit: String(Math.min(limit, PAGE)) });
  if (cursor !== undefined) query.set('cursor', cursor);
  return `/dead-letters?${query.toString()}`;
}

const red = (cell: string, paint: Paint) => paint('red', cell);

export function listLines(
  rows: readonly DeadLetterAnswer[],
  facets: ListAnswer['facets'],
  state: string,
  terminal: Pick<Terminal, 'width' | 'paint'>,
  now: number,
): string[] {
  const kind = state === 'all' ? '' : `${state} `;
  if (rows.length === 0) return [`No ${kind}dead letters match.`];
  const isMixed = state === 'all';
  const table = tableOf(
    [
      { title: 'dead letter', paint: (cell, paint) => paint('bold', cell) },
      { title: 'key', gives: true },
      { title: 'event', gives: true },
      { title: 'error', gives: true, paint: red },
      { title: 'tries', isNumber: true },
      { title: 'age', isNumber: true },
      ...(isMixed ? [{ title: 'state' }] : []),
      { title: 'says', gives: true },
    ],
    rows.map((row) => [
      writeName(row),
      row.key,
      row.event ?? '–',
      row.error.code,
      String(row.attempts),
      age(now - Date.parse(row.firstFailedAt)),
      ...(isMixed ? [row.state] : []),
      `${row.edited ? '(edited) ' : ''}${row.error.text}`,
    ]),
    terminal,
  );
  return [...table, '', ...summaryLines(rows.length, facets, kind, terminal.paint)];
}

function summaryLines(shown: number, facets: ListAnswer['facets'], kind: string, paint: Paint): string[] {
  if (facets === null) return [];
  const { total, group, topic, code } = facets;
  const counted = (title: string, counts: Readonly<Record<string, number>>) =>
    `${paint('dim', title.padEnd(6))} ${Object.entries(counts)
      .sort(([, one], [, other]) => other - one)
      .map(([value, count]) => `${value} ${count}`)
      .join(' · ')}`;
  const letters = `${kind}dead letter${total === 1 ? '' : 's'}`;
  const head = shown < total ? `The newest ${shown} of ${total} ${letters}` : `${total} ${letters}`;
  return [head, counted('group', group), counted('topic', topic), counted('error', code)];
}

/** How long ago, in its largest unit. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
