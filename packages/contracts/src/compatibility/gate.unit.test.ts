import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Field, RecordSchema } from '../schema.ts';
import { RELEASED, readCurrent } from './current.ts';
import { judge } from './gate.ts';
import { readReleased, writeReleased } from './released.ts';
import { renderVerdicts } from './report.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const SUBJECT = 'skald.orders.Placed';

const placed = (...fields: Field[]): RecordSchema => ({
  type: 'record',
  name: 'Placed',
  namespace: 'skald.orders',
  doc: 'An order',
  fields: [{ name: 'id', type: 'string' }, ...fields],
});
const note = (value: unknown): Field => ({ name: 'note', type: ['null', 'string'], default: value });
const today = (schema: RecordSchema) => new Map([[SUBJECT, schema]]);
const before = (...versions: RecordSchema[]) => new Map([[SUBJECT, versions]]);

describe('the compatibility gate', () => {
  it('lets through what is as released', () => {
    const [verdict] = judge(today(placed()), before(placed()));
    expect(verdict).toEqual({ subject: SUBJECT, released: 1, state: 'unchanged', refusals: [] });
  });

  it('takes a change of words alone for none', () => {
    const [verdict] = judge(today({ ...placed(), doc: 'Somebody wants something' }), before(placed()));
    expect(verdict?.state).toBe('unchanged');
  });

  it('lets through a compatible change', () => {
    const [verdict] = judge(today(placed(note(null))), before(placed()));
    expect(verdict).toMatchObject({ state: 'changed', refusals: [] });
  });

  it('lets through a new event', () => {
    expect(judge(today(placed()), new Map())[0]).toMatchObject({ state: 'new', released: 0, refusals: [] });
  });

  it('holds today against every version, not against the newest alone', () => {
    const mandatory: Field = { name: 'note', type: ['null', 'string'] };
    const [verdict] = judge(today(placed(mandatory)), before(placed(), placed(note(null))));
    expect(verdict?.refusals.map(({ version, field }) => [version, field])).toEqual([[1, 'note']]);
  });

  it('refuses to lose a schema that was released', () => {
    const [verdict] = judge(new Map(), before(placed()));
    expect(verdict).toMatchObject({ state: 'gone', refusals: [{ version: 1 }] });
  });

  it('leaves the last word to Avro', () => {
    const ambiguous: Field = { name: 'it', type: ['int', 'double'] };
    const [verdict] = judge(today(placed(ambiguous)), before(placed(ambiguous)));
    expect(verdict?.refusals).toMatchObject([
      { version: 1, field: '', reason: expect.stringContaining('ambiguous') },
    ]);
  });
});

describe('the schemas of this house', () => {
  it('are compatible with everything that was ever released, and every one of them is released', () => {
    const verdicts = judge(readCurrent(root), readReleased(join(root, RELEASED)));
    expect(verdicts.flatMap(({ refusals }) => refusals)).toEqual([]);
    expect(verdicts.filter(({ state }) => state !== 'unchanged').map(({ subject }) => subject)).toEqual([]);
  });
});

describe('released versions', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'released-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('are read back in their order, the tenth after the ninth', () => {
    const versions = Array.from({ length: 10 }, (_, index) => placed({ name: `f${index}`, type: 'int' }));
    for (const [index, schema] of versions.entries()) writeReleased(folder, SUBJECT, index + 1, schema);
    expect(readReleased(folder).get(SUBJECT)).toEqual(versions);
  });

  it('are never written over', () => {
    writeReleased(folder, SUBJECT, 1, placed());
    expect(() => writeReleased(folder, SUBJECT, 1, placed(note(null)))).toThrow('EEXIST');
  });

  it('must be complete', () => {
    for (const version of [1, 2, 3]) writeReleased(folder, SUBJECT, version, placed());
    unlinkSync(join(folder, SUBJECT, '2.avsc'));
    expect(() => readReleased(folder)).toThrow('no 2.avsc');
    writeFileSync(join(folder, SUBJECT, '2.avsc'), JSON.stringify(placed()));
    expect(readReleased(folder).get(SUBJECT)).toHaveLength(3);
  });

  it('may be none', () => {
    expect(readReleased(join(folder, 'nothing'))).toEqual(new Map());
  });
});

describe("the gate's report", () => {
  it('names subject, version, field and reason of what it refuses', () => {
    const report = renderVerdicts(judge(today(placed({ name: 'total', type: 'int' })), before(placed())));
    expect(report).toMatch(/^REFUSED {2}skald\.orders\.Placed {2}1 {9}changed$/m);
    expect(report).toContain('skald.orders.Placed, version 1: total: added without a default');
  });

  it('names what is not released yet', () => {
    const report = renderVerdicts(judge(today(placed(note(null))), before(placed())));
    expect(report).toContain('not released yet');
    expect(report).toContain('skald.orders.Placed, version 2');
  });

  it('says so when nothing is left to do', () => {
    expect(renderVerdicts(judge(today(placed()), before(placed())))).toContain('Every schema is as released');
  });
});
