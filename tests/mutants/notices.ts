import { readFile, writeFile } from 'node:fs/promises';
import { mutants } from './mutants.ts';

/** When the simulator noticed a bug first. */
export interface Notice {
  readonly seed: number;
  /** The promise that was broken, in its words. */
  readonly says: string;
}

/** By the mutant's name. */
export type Notices = Readonly<Record<string, Notice>>;

const here = import.meta.url.includes('/dist/') ? '../../mutants/' : './';
const file = new URL(`${here}notices.json`, import.meta.url);
const page = new URL(`${here}README.md`, import.meta.url);
const BEGIN = '<!-- npm run mutants -- --write: begin -->';
const END = '<!-- npm run mutants -- --write: end -->';

/** Those that the last `--write` has kept. */
export const readNotices = async (): Promise<Notices> => JSON.parse(await readFile(file, 'utf8')) as Notices;

/** Keeps them, in the order of the list, and shows them on the page. */
export async function writeNotices(notices: Notices): Promise<void> {
  const kept = mutants.flatMap(({ name }) => (notices[name] ? [[name, notices[name]]] : []));
  await writeFile(file, `${JSON.stringify(Object.fromEntries(kept), undefined, 2)}\n`);
  const before = await readFile(page, 'utf8');
  await writeFile(page, pageWith(before, notices));
}

/** The page with its table made anew. */
export function pageWith(text: string, notices: Notices): string {
  const [head] = text.split(BEGIN);
  const [, tail] = text.split(END);
  if (head === undefined || tail === undefined) throw new Error('the page has no place for the table');
  return `${head}${BEGIN}\n\n${tableOf(notices)}\n\n${END}${tail}`;
}

export const readPage = (): Promise<string> => readFile(page, 'utf8');

function tableOf(notices: Notices): string {
  const rows = mutants.map(({ name, unnoticeable }) => {
    const notice = notices[name];
    if (unnoticeable !== undefined) return `| ${name} | never | ${unnoticeable} |`;
    return `| ${name} | ${notice?.seed ?? 'not yet'} | ${notice === undefined ? '' : brief(notice.says)} |`;
  });
  return ['| the bug | first seed | what breaks |', '|---|---|---|', ...rows].join('\n');
}

/** In one line, without what only this run calls so. */
export const brief = (says: string): string =>
  (says.split('\n')[0] ?? '')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…')
    .replaceAll('|', '\\|')
    .slice(0, 160);
