import {
  type Colour,
  CommandError,
  createProgressBar,
  type Paint,
  printable,
  printableJson,
  type Terminal,
} from '@skald/command-line';
import type { EndLine, Line, ResultLine } from './answer.ts';
import type { Client } from './cli-client.ts';
import { type Options, writeName } from './cli-options.ts';

/** More than this are told of together, unless each is asked for. */
const FEW = 50;

/** Tries, redrives or discards. Answers the exit code: 1 if any failed, or would. */
export async function runJobCommand(
  client: Client,
  options: Options,
  terminal: Terminal,
  user: string,
): Promise<number> {
  const report = createReport(terminal, options);
  for await (const line of client.post(pathOf(options), bodyOf(options, user))) {
    if (options.json) terminal.print(printableJson(line));
    report.take(line);
  }
  const { end } = report;
  if (end === undefined)
    throw new CommandError('dead-letters broke off before its end: `list` shows what is left');
  if (!options.json) for (const line of report.lines()) terminal.print(line);
  return end.failed > 0 || end.stopped !== null ? 1 : 0;
}

const pathOf = ({ command }: Options): string =>
  command === 'try' ? '/tries' : command === 'redrive' ? '/redrives' : '/discards';

function bodyOf({ command, names, filter, rate, acceptGap, yes, by, reason }: Options, user: string) {
  return {
    ...(names.length > 0 ? { deadLetters: names } : { filter }),
    perSecond: rate,
    ...(command !== 'discard' && { acceptGap }),
    ...(command !== 'try' && { dryRun: !yes, by: by ?? user, reason: reason ?? 'a dry run' }),
  };
}

const colours: Readonly<Record<string, Colour>> = {
  applies: 'green',
  discarded: 'green',
  remembered: 'cyan',
  ignored: 'yellow',
  duplicate: 'yellow',
};
const colourOf = (outcome: string): Colour => colours[outcome] ?? 'red';

function createReport(terminal: Terminal, { json, each, command, yes }: Options) {
  const { paint } = terminal;
  let progress: ReturnType<typeof createProgressBar> | undefined;
  let total = 0;
  let done = 0;
  let failed = 0;
  let end: EndLine | undefined;
  /** What was said of how many, with the first of them. */
  const alike = new Map<string, { count: number; example: string }>();

  const onResult = (line: ResultLine) => {
    done += 1;
    failed += Number(line.failed);
    const text = textOf(line, paint);
    const name = writeName(line.deadLetter);
    if (!json && (each || total <= FEW)) terminal.print(`${paint('bold', name)}  ${text}`);
    const kind = `${line.deadLetter.group}: ${text}`;
    const known = alike.get(kind);
    if (known) known.count += 1;
    else alike.set(kind, { count: 1, example: name });
    progress?.at(done, failed);
  };

  return {
    get end() {
      return end;
    },
    take(line: Line) {
      if (line.type === 'start') {
        ({ total } = line);
        progress = createProgressBar(terminal, total);
      } else if (line.type === 'result') onResult(line);
      else if (line.type === 'waiting') terminal.say(paint('yellow', `Waiting: ${printable(line.because)}`));
      else end = line;
    },
    lines(): string[] {
      if (end === undefined) return [];
      const many = !each && total > FEW;
      return [
        ...(many ? alikeLines(alike, paint) : []),
        '',
        ...endLines(end, { command, isDry: command !== 'try' && !yes }, paint),
      ];
    },
  };
}

function alikeLines(alike: ReadonlyMap<string, { count: number; example: string }>, paint: Paint): string[] {
  const rows = [...alike].sort(([, one], [, other]) => other.count - one.count);
  const shown = rows.slice(0, FEW);
  const width = String(rows[0]?.[1].count ?? 0).length;
  return [
    ...shown.map(
      ([kind, { count, example }]) =>
        `${String(count).padStart(width)}  ${kind}  ${paint('dim', `such as ${example}`)}`,
    ),
    ...(rows.length > FEW ? [`… and ${rows.length - FEW} other kinds: --each tells of each message`] : []),
  ];
}

/** What is said of one: its own verdict, and those of what waits behind it. */
export function textOf({ deadLetter, outcome, refusal, verdicts }: ResultLine, paint: Paint): string {
  const isOwn = (one: { partition: number; offset: number }) =>
    one.partition === deadLetter.partition && one.offset === deadLetter.offset;
  const own = verdicts.find(isOwn);
  const others = verdicts.filter((verdict) => !isOwn(verdict));
  const parts = [paint(colourOf(outcome), outcome)];
  if (refusal !== null) parts.push(`: ${refusals[refusal]}`);
  else if (own?.error) parts.push(`: ${printable(own.error.code)}, ${printable(own.error.text)}`);
  else if (own?.reason) parts.push(`: ${printable(own.reason)}`);
  const follows = [
    ...(own?.events ?? []).map(({ name }) => name),
    ...(own?.effects ?? []).map(({ kind }) => `the effect ${kind}`),
  ];
  if (follows.length > 0) parts.push(` → ${follows.join(', ')}`);
  if (others.length > 0) parts.push(` (behind it: ${countsOf(others)})`);
  return parts.join('');
}

function countsOf(verdicts: ResultLine['verdicts']): string {
  const counts = new Map<string, number>();
  for (const { verdict } of verdicts) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ');
}

const refusals: Readonly<Record<NonNullable<ResultLine['refusal']>, string>> = {
  unknown: 'its service has not parked it',
  resolved: 'redriven or discarded before',
  waiting: 'it waits behind a failed one of its key: act upon that one',
  'too-many-redrives': 'redriven too often without success: edit or discard it',
};

function endLines(
  { total, done, failed, taken, outcomes, stopped }: EndLine,
  { command, isDry }: { command: string; isDry: boolean },
  paint: Paint,
): string[] {
  const counts = Object.entries(outcomes).map(
    ([outcome, count]) => `${count} ${paint(colourOf(outcome), outcome)}`,
  );
  const verb = isDry || command === 'try' ? 'tried' : command === 'redrive' ? 'redriven' : 'discarded';
  const some = done < total ? `${done} of ${total}` : String(done);
  const lines = [
    total === 0
      ? 'Nothing matches.'
      : `${some} ${verb}${counts.length > 0 ? `: ${counts.join(', ')}` : ''}${taken > done ? `; ${taken} messages taken in, with those behind` : ''}`,
  ];
  if (stopped !== null) lines.push(paint('red', `Ended early: ${printable(stopped)}`));
  if (isDry && total > 0) lines.push(`Nothing was changed. To ${command}: the same with --yes --reason "…"`);
  else if (failed > 0 && command === 'redrive')
    lines.push('What fails again stays parked: show tells why, edit puts it right, discard gives it up.');
  return lines;
}
