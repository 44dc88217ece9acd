import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generate } from './command.ts';
import { inlineValues } from './inline.ts';
import { literal } from './literal.ts';
import { driftOf, outputsOf } from './outputs.ts';
import { renderSagaPage, renderSagaPicture } from './saga-page.ts';
import { readSchemas } from './source.ts';
import { renderTypeScript } from './typescript.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

describe('what is generated', () => {
  it('is committed as its sources say', () => {
    expect(driftOf(root, outputsOf(root))).toEqual({ changed: [], stale: [] });
  });

  it('comes out the same each time', () => {
    expect([...outputsOf(root)]).toEqual([...outputsOf(root)]);
  });
});

describe('in a tree of its own', () => {
  let tree = '';
  beforeEach(() => {
    tree = mkdtempSync(join(tmpdir(), 'schemas-'));
  });
  afterEach(() => {
    rmSync(tree, { recursive: true });
  });

  function write(path: string, schema: unknown): void {
    mkdirSync(join(tree, path, '..'), { recursive: true });
    writeFileSync(join(tree, path), JSON.stringify(schema));
  }

  const id = { name: 'id', type: { type: 'string', logicalType: 'uuid' }, doc: 'An id' };
  const event = (...fields: unknown[]) => ({
    type: 'record',
    name: 'Happened',
    namespace: 'skald.things',
    doc: 'It did',
    fields: [id, ...fields],
  });
  const piece = {
    type: 'record',
    name: 'Piece',
    namespace: 'skald.values',
    doc: 'A piece',
    fields: [{ name: 'weight', type: 'int', doc: 'In grams' }],
  };
  const mood = {
    type: 'string',
    logicalType: 'one-of',
    name: 'Mood',
    namespace: 'skald.values',
    doc: 'How it went',
    values: ['GOOD', 'BAD'],
  };

  it.each([
    ['a field without a doc', event({ name: 'x', type: 'int' }), 'Happened.x: no doc'],
    [
      'an unknown type',
      event({ name: 'x', type: 'skald.values.Nothing', doc: 'X' }),
      'unknown type skald.values.Nothing',
    ],
    [
      'a default where nothing is optional',
      event({ name: 'x', type: 'int', default: 0, doc: 'X' }),
      'optional fields',
    ],
    [
      'no default where it may be null',
      event({ name: 'x', type: ['null', 'int'], doc: 'X' }),
      'has null as its default',
    ],
    [
      'a union of its own making',
      event({ name: 'x', type: ['int', 'string'], doc: 'X' }),
      'a union is ["null", something]',
    ],
    [
      'an enum',
      event({ name: 'x', type: { type: 'enum', name: 'E', symbols: ['A'] }, doc: 'X' }),
      'enum is not used',
    ],
    ['a record in a record', event({ name: 'x', type: { ...piece }, doc: 'X' }), 'a file of its own'],
    ["a name that is not its file's", { ...event(), name: 'Other' }, 'its name is Other'],
    [
      "a namespace that is not its folder's",
      { ...event(), namespace: 'skald.other' },
      'its namespace is skald.other',
    ],
    ['no doc', { ...event(), doc: undefined }, 'skald.things.Happened: no doc'],
    ['a string', { ...mood, name: 'Happened', namespace: 'skald.things' }, 'an event is a record'],
  ])('an event is refused with %s', (_, schema, reason) => {
    write('things/Happened.avsc', schema);
    expect(() => readSchemas(tree)).toThrow(reason);
  });

  it('an event is refused when another domain has one of its name', () => {
    write('things/Happened.avsc', event());
    write('others/Happened.avsc', { ...event(), namespace: 'skald.others' });
    expect(() => readSchemas(tree)).toThrow('there is another event Happened');
  });

  it('a shared record is written out at its first mention, and named after that', () => {
    write('values/Piece.avsc', piece);
    write('values/Mood.avsc', mood);
    write(
      'things/Happened.avsc',
      event(
        { name: 'first', type: 'skald.values.Piece', doc: 'One' },
        { name: 'more', type: { type: 'array', items: 'skald.values.Piece' }, doc: 'More' },
        { name: 'mood', type: ['null', 'skald.values.Mood'], default: null, doc: 'Mood' },
      ),
    );
    const source = readSchemas(tree);
    const happened = source.events.get('Happened');
    if (happened === undefined) throw new Error('not read');
    const types = inlineValues(happened, source).fields.map(({ type }) => type);
    expect(types.slice(1)).toEqual([
      piece,
      { type: 'array', items: 'skald.values.Piece' },
      ['null', { type: 'string', logicalType: 'one-of', values: ['GOOD', 'BAD'] }],
    ]);
    const files = renderTypeScript(source);
    expect([...files.keys()]).toEqual(['values.ts', 'things.ts', 'events.ts', 'schemas.ts']);
    expect(files.get('things.ts')).toContain("import type { Mood, Piece } from './values.ts';");
    expect(files.get('things.ts')).toContain('  /** An id. */\n  readonly id: string;\n');
    expect(files.get('things.ts')).toContain('  readonly more: readonly Piece[];\n');
    expect(files.get('things.ts')).toContain('  readonly mood: Mood | null;\n');
    expect(files.get('values.ts')).toContain("export const moods = [\n  'GOOD',\n  'BAD',\n] as const;");
    expect(files.get('events.ts')).toContain('  readonly Happened: things.Happened;\n');
  });

  it('--check names each file that differs, and writing puts them right', () => {
    const generated = 'packages/contracts/src/generated';
    for (const path of ['schemas', generated, 'docs/saga.md', 'README.md']) {
      cpSync(join(root, path), join(tree, path), { recursive: true });
    }
    const printed: string[] = [];
    const run = (...args: string[]): number => generate(args, tree, (text) => printed.push(text));
    expect(run('--check')).toBe(0);
    writeFileSync(join(tree, generated, 'orders.ts'), '// by hand\n', { flag: 'a' });
    writeFileSync(join(tree, generated, 'former.ts'), '');
    rmSync(join(tree, generated, 'email.ts'));
    expect(driftOf(tree, outputsOf(tree))).toEqual({
      changed: [join(generated, 'email.ts'), join(generated, 'orders.ts')],
      stale: [join(generated, 'former.ts')],
    });
    expect(run('--check')).toBe(1);
    for (const file of ['email.ts', 'orders.ts', 'former.ts']) expect(printed.join('')).toContain(file);
    expect(run()).toBe(0);
    expect(run('--check')).toBe(0);
  });

  it('explains itself, and refuses an option that it does not know', () => {
    expect(generate(['--help'], tree, () => {})).toBe(0);
    expect(generate(['--force'], tree, () => {})).toBe(2);
  });
});

describe("the saga's page", () => {
  it('is drawn anew between its markers, and left alone around them', () => {
    const page = readFileSync(join(root, 'docs/saga.md'), 'utf8');
    const spoilt = page.replace('flowchart LR', 'flowchart TB');
    expect(renderSagaPage(spoilt)).toBe(page);
    expect(renderSagaPage(`# Mine\n${spoilt}`)).toBe(`# Mine\n${page}`);
  });

  it('goes into the README as a picture alone', () => {
    const page = readFileSync(join(root, 'README.md'), 'utf8');
    expect(renderSagaPicture(page.replace('flowchart LR', 'flowchart TB'))).toBe(page);
    expect(page).not.toContain('| who does what |');
  });

  it('needs its markers', () => {
    expect(() => renderSagaPage('# The saga\n')).toThrow('needs <!-- generated');
  });
});

describe('a literal', () => {
  it.each([
    ['text', "'text'"],
    ["it's", `"it's"`],
    [`it's "so"`, `'it\\'s "so"'`],
    ['a\\b\n', "'a\\\\b\\n'"],
    [null, 'null'],
    [['a', 1], "['a', 1]"],
    [{ a: { b: true } }, '{ a: { b: true } }'],
  ])('of %j is %s', (value, text) => {
    expect(literal(value)).toBe(text);
  });

  it('is broken into lines when it is long', () => {
    const long = 'x'.repeat(120);
    expect(literal({ a: [long] })).toBe(`{\n  a: [\n    '${long}',\n  ],\n}`);
  });
});
