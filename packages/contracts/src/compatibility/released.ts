import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordSchema } from '../schema.ts';

/** Subject → its released versions, the first at index 0. A released version is never changed again. */
export type ReleasedSchemas = ReadonlyMap<string, readonly RecordSchema[]>;

/** Reads `<folder>/<subject>/<version>.avsc`. Throws when a version is missing in between. */
export function readReleased(folder: string): ReleasedSchemas {
  if (!existsSync(folder)) return new Map();
  const subjects = readdirSync(folder).sort();
  return new Map(subjects.map((subject) => [subject, readVersions(join(folder, subject))]));
}

function readVersions(folder: string): readonly RecordSchema[] {
  const files = new Set(readdirSync(folder));
  return Array.from({ length: files.size }, (_, index) => {
    const file = `${index + 1}.avsc`;
    if (!files.has(file)) throw new Error(`${folder} has ${files.size} versions, but no ${file}`);
    return JSON.parse(readFileSync(join(folder, file), 'utf8')) as RecordSchema;
  });
}

/** Adds a version; answers the path of its file. Throws when that version is there already. */
export function writeReleased(
  folder: string,
  subject: string,
  version: number,
  schema: RecordSchema,
): string {
  const path = join(folder, subject, `${version}.avsc`);
  mkdirSync(join(folder, subject), { recursive: true });
  writeFileSync(path, `${JSON.stringify(schema, null, 2)}\n`, { flag: 'wx' });
  return path;
}
