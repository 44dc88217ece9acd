import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isRecord, type RecordSchema, type Schema } from '../schema.ts';

/** A named set of strings, `values/<Name>.avsc`: a plain string in Avro, a union of literals in TypeScript. */
export interface OneOfSource {
  readonly type: 'string';
  readonly logicalType: 'one-of';
  readonly name: string;
  readonly namespace: string;
  readonly doc: string;
  readonly values: readonly string[];
}

/** What the files under schemas/ say, before definitions are inlined. */
export interface SchemaSource {
  /** Event's name → its record, with its folder in `namespace`. Sorted by domain and name. */
  readonly events: ReadonlyMap<string, RecordSchema>;
  /** Full name → a record or a set of strings that events share. Sorted. */
  readonly values: ReadonlyMap<string, RecordSchema | OneOfSource>;
}

/** Definitions that several events share live here; every other folder is a domain and holds events. */
const VALUES = 'values';
const NOT_DOMAINS = new Set(['released']);

/** Reads schemas/. Throws, naming the file, when one breaks a rule of the house. */
export function readSchemas(folder: string): SchemaSource {
  const events = new Map<string, RecordSchema>();
  const values = new Map<string, RecordSchema | OneOfSource>();
  for (const domain of foldersOf(folder)) {
    for (const file of filesOf(join(folder, domain))) {
      const path = join(folder, domain, file);
      const schema = parse(path, domain);
      if (domain === VALUES) values.set(`${schema.namespace}.${schema.name}`, schema);
      else if (!isRecord(schema)) throw new Error(`${path}: an event is a record`);
      else if (events.has(schema.name)) throw new Error(`${path}: there is another event ${schema.name}`);
      else events.set(schema.name, schema);
    }
  }
  const source = { events, values };
  const problems = [...events.values(), ...values.values()].flatMap((schema) => problemsOf(schema, source));
  if (problems.length > 0) throw new Error(`schemas/ breaks the rules of the house:\n${problems.join('\n')}`);
  return source;
}

const foldersOf = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !NOT_DOMAINS.has(entry.name))
    .map((entry) => entry.name)
    .sort();

const filesOf = (folder: string): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.avsc'))
    .sort();

function parse(path: string, domain: string): RecordSchema | OneOfSource {
  const schema = JSON.parse(readFileSync(path, 'utf8')) as RecordSchema | OneOfSource;
  if (schema.name !== basename(path, '.avsc')) throw new Error(`${path}: its name is ${schema.name}`);
  if (schema.namespace !== `skald.${domain}`)
    throw new Error(`${path}: its namespace is ${schema.namespace}`);
  return schema;
}

const PRIMITIVES = new Set<string>(['string', 'int', 'long', 'double', 'boolean']);

function problemsOf(schema: RecordSchema | OneOfSource, source: SchemaSource): string[] {
  const where = `${schema.namespace}.${schema.name}`;
  if (!schema.doc) return [`${where}: no doc`];
  if (!isRecord(schema)) return schema.values.length > 0 ? [] : [`${where}: no values`];
  return schema.fields.flatMap((field) => {
    const at = `${where}.${field.name}`;
    const problems = typeProblems(field.type, source).map((problem) => `${at}: ${problem}`);
    if (!field.doc) problems.push(`${at}: no doc`);
    const optional = Array.isArray(field.type);
    if (optional && field.default !== null) problems.push(`${at}: what may be null has null as its default`);
    if (!optional && field.default !== undefined) problems.push(`${at}: a default is for optional fields`);
    return problems;
  });
}

/** Kept narrow on purpose: what is left out here is what readers in other languages disagree about. */
function typeProblems(type: Schema, source: SchemaSource): string[] {
  if (typeof type === 'string') {
    return PRIMITIVES.has(type) || source.values.has(type) ? [] : [`unknown type ${type}`];
  }
  if ('length' in type) {
    const [none, some] = type;
    if (type.length !== 2 || none !== 'null' || some === undefined) return ['a union is ["null", something]'];
    return typeProblems(some, source);
  }
  if (type.type === 'array') return typeProblems(type.items, source);
  if (type.type === 'record') return ['a record has a file of its own, in values/'];
  return PRIMITIVES.has(type.type) ? [] : [`${String(type.type)} is not used in this house`];
}
