import { printable, printableJson, type Terminal, tableOf } from '@skald/command-line';
import { type AuditAnswer, auditAnswer } from './answer.ts';
import type { Client } from './cli-client.ts';
import { type Options, writeName } from './cli-options.ts';

/** Who did what. */
export async function log(client: Client, options: Options, terminal: Terminal): Promise<void> {
  const query = new URLSearchParams({ ...options.filter, limit: String(Math.min(options.limit, 1_000)) });
  const answer = await client.get(`/audit-log?${query.toString()}`, auditAnswer);
  for (const text of answer.missing) terminal.say(terminal.paint('yellow', printable(text)));
  if (options.json) for (const entry of answer.entries) terminal.print(printableJson(entry));
  else for (const line of logLines(answer, terminal)) terminal.print(line);
}

export function logLines({ entries }: AuditAnswer, terminal: Pick<Terminal, 'width' | 'paint'>): string[] {
  if (entries.length === 0) return ['Nobody has done anything to a dead letter.'];
  return tableOf(
    [
      { title: 'when' },
      { title: 'who', gives: true },
      { title: 'did' },
      { title: 'to', gives: true },
      { title: 'key', gives: true },
      { title: 'because', gives: true },
      { title: 'and', gives: true },
    ],
    entries.map((entry) => [
      entry.at,
      entry.by,
      entry.action,
      writeName(entry),
      entry.key,
      entry.reason,
      entry.result,
    ]),
    terminal,
  );
}
