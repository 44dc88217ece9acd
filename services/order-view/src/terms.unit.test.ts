import { describe, expect, it } from 'vitest';
import { modelNumber } from '../tests/given.ts';
import { idPrefixOf, idRange, termsOf, wordsOf } from './terms.ts';

describe('words', () => {
  it.each([
    ['Oak Desk-Lamp', ['oak', 'desk', 'lamp']],
    ['Crème Brûlée', ['creme', 'brulee']],
    ['ＡＢＣ ½ Ångström', ['abc', '1', '2', 'angstrom']],
    ['日本 語', ['日本', '語']],
    ['one ONE One', ['one']],
    [' -- ', []],
  ])('of %j are %j', (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  it('are cut where an index could not hold them', () => {
    expect(wordsOf('x'.repeat(10_000))).toEqual(['x'.repeat(100)]);
  });
});

describe("the beginning of an order's id", () => {
  const id = '0190aaaa-bbbb-7ccc-8ddd-000000000001';

  it.each([8, 9, 13, 14, 20, 35, 36])('is one with %i characters', (length) => {
    expect(idPrefixOf(id.slice(0, length).toUpperCase())).toBe(id.slice(0, length).replaceAll('-', ''));
  });

  it.each(['0190aaa', 'oak lamp', '0190aaaabb-bb', `${id}0`, 'deadbeef lamp', '0190-aaaa'])(
    '%j is none',
    (text) => {
      expect(idPrefixOf(text)).toBeUndefined();
    },
  );

  it('stands for all ids between', () => {
    expect(idRange('0190aaaabb')).toEqual([
      '0190aaaa-bb00-0000-0000-000000000000',
      '0190aaaa-bbff-ffff-ffff-ffffffffffff',
    ]);
  });
});

it('an order is found by each SKU and each word, once', () => {
  const model = modelNumber(1, {}, [
    { sku: 'A', name: 'Oak Lamp' },
    { sku: 'B', name: 'Oak Vase' },
  ]);
  expect(termsOf(model)).toEqual(['sku:A', 'sku:B', 'word:oak', 'word:lamp', 'word:vase']);
});
