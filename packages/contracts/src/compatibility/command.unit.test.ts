import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkSchemas } from './command.ts';

describe('npm run schemas:check', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'schemas-check-'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  function define(...fields: unknown[]): void {
    mkdirSync(join(root, 'schemas/things'), { recursive: true });
    const id = { name: 'id', type: 'string', doc: 'An id' };
    const schema = {
      type: 'record',
      name: 'Happened',
      namespace: 'skald.things',
      doc: 'It did',
      fields: [id, ...fields],
    };
    writeFileSync(join(root, 'schemas/things/Happened.avsc'), JSON.stringify(schema));
  }

  function check(...args: string[]): { readonly code: number; readonly text: string } {
    const printed: string[] = [];
    const code = checkSchemas(args, root, (text) => printed.push(text));
    return { code, text: printed.join('') };
  }

  const file = (version: number): string =>
    join(root, `schemas/released/skald.things.Happened/${version}.avsc`);
  const mandatory = { name: 'size', type: 'int', doc: 'In cm' };
  const optional = { name: 'size', type: ['null', 'int'], default: null, doc: 'In cm' };

  it('releases what is new, then what is changed, then nothing', () => {
    define();
    expect(check('--release')).toMatchObject({ code: 0, text: expect.stringContaining('Happened/1.avsc') });
    define(optional);
    expect(check('--release')).toMatchObject({ code: 0, text: expect.stringContaining('Happened/2.avsc') });
    expect(check('--release').text).not.toContain('wrote');
    expect([1, 2, 3].map((version) => existsSync(file(version)))).toEqual([true, true, false]);
  });

  it('writes nothing unless asked', () => {
    define();
    expect(check()).toMatchObject({ code: 0, text: expect.stringContaining('not released yet') });
    expect(existsSync(file(1))).toBe(false);
  });

  it('fails on an incompatible change and releases nothing, naming subject, version, field and reason', () => {
    define();
    check('--release');
    define(mandatory);
    const { code, text } = check('--release');
    expect(code).toBe(1);
    expect(text).toContain('skald.things.Happened, version 1: size: added without a default');
    expect(existsSync(file(2))).toBe(false);
  });

  it('explains itself, and refuses an option that it does not know', () => {
    expect(check('--help')).toMatchObject({ code: 0, text: expect.stringContaining('--release') });
    expect(check('--force')).toMatchObject({
      code: 2,
      text: expect.stringContaining('Unknown option --force'),
    });
  });
});
