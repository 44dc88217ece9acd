import type { OrderReadModel } from '@skald/contracts';

/** A word takes part in an index: nobody looks for a longer one. */
const MAX_WORD = 100;

/** The words of a text, case and marks aside: `Crème brûlée` → creme, brulee. */
export function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return [...new Set(plain.match(/[\p{L}\p{N}]+/gu))].map((word) => word.slice(0, MAX_WORD));
}

/** Eight digits or more of an order's id, from its beginning, in lower case; undefined for a text that is none. */
export function idPrefixOf(text: string): string | undefined {
  const id = text.trim().toLowerCase();
  const digits = id.replaceAll('-', '');
  const whole = `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`;
  const isPrefix = /^[0-9a-f]{8,32}$/.test(digits) && (id === digits || whole.startsWith(id));
  return isPrefix ? digits : undefined;
}

/** The least and the greatest id that begin so. */
export function idRange(digits: string): readonly [from: string, to: string] {
  const toId = (hex: string) => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return [toId(digits.padEnd(32, '0')), toId(digits.padEnd(32, 'f'))];
}

export const skuTerm = (sku: string): string => `sku:${sku}`;
export const wordTerm = (word: string): string => `word:${word}`;

/** What an order is found by. */
export const termsOf = ({ lines }: Pick<OrderReadModel, 'lines'>): string[] => [
  ...new Set([
    ...lines.map(({ sku }) => skuTerm(sku)),
    ...lines.flatMap(({ name }) => wordsOf(name).map(wordTerm)),
  ]),
];
