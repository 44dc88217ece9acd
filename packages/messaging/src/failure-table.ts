import { type Failure, failures, kinds } from './failures.ts';

const BEGIN = '<!-- generated from packages/messaging/src/failures.ts: begin -->';
const END = '<!-- generated from packages/messaging/src/failures.ts: end -->';

/** The errors that say what they are by their class. */
const classes: Partial<Record<Failure['kind'], string>> = {
  transient: 'TransientError',
  poison: 'PoisonError',
  fatal: 'FatalError',
  overload: 'OverloadError',
};

/** The page with the table of failures between its marks. Throws where it has none. */
export function renderFailures(page: string): string {
  const [start, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`The page needs ${BEGIN} and ${END}`);
  return `${page.slice(0, start + BEGIN.length)}\n${table()}\n${page.slice(end)}`;
}

const table = (): string =>
  [
    '| whose | for example | what it gets | shown by |',
    '|---|---|---|---|',
    ...failures.map((failure, index) => row(failure, failures[index - 1]?.kind)),
  ].join('\n');

function row({ kind, when, gets, codes, shownBy }: Failure, before: string | undefined): string {
  const name = classes[kind];
  const whose = kind === before ? '' : `**${kinds[kind]}**${name === undefined ? '' : ` (\`${name}\`)`}`;
  const named = codes.length === 0 ? when : `${when}: ${codes.map((code) => `\`${code}\``).join(', ')}`;
  const files = [...new Set(shownBy.map(([file]) => file))].map((file) => `\`${file}\``).join(', ');
  return `| ${whose} | ${named} | ${gets} | ${files} |`;
}
