import { describe, expect, it } from 'vitest';
import { readCode } from './code.ts';

describe('code, taken apart', () => {
  it('tells code from comments and from what is in quotes', () => {
    const { code, bare, literals } = readCode("const a = 'b'; // 'c'\n/* d */ const e = \"it's\";");
    expect(code).toContain("'b'");
    expect(code).not.toContain("'c'");
    expect(bare.replace(/\s+/g, ' ')).toBe('const a = ; const e = ;');
    expect(literals).toEqual(['b', "it's"]);
  });

  it('finds its way through templates within templates', () => {
    const source = ['`a', '{', 'b + `c', '{', "f({ d: 'e' })", '}` } g`; h']
      .join('')
      .replaceAll(/a\{|c\{/g, (m) => `${m[0]}\${`);
    const { bare, literals } = readCode(source);
    expect(literals).toEqual(['a', 'c', 'e', '', ' g']);
    expect(bare.replace(/\s+/g, '')).toBe('b+f({d:});h');
  });

  it('takes quotes in a regular expression for what they are', () => {
    const { bare, literals } = readCode(
      "const quote = /['\"`/]/g; const half = a / b; const text = 'c / d';",
    );
    expect(literals).toEqual(['c / d']);
    expect(bare).toContain('a / b');
  });

  it('knows imports that are gone at run time', () => {
    const { imports } = readCode(
      "import type { A } from './a.ts';\nimport { b, type B } from 'b';\nexport * from './c.ts';\nawait import('./d.ts');",
    );
    expect(imports).toEqual([
      { from: './a.ts', isType: true },
      { from: 'b', isType: false },
      { from: './c.ts', isType: false },
      { from: './d.ts', isType: false },
    ]);
  });
});
