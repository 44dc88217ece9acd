import {
  type AnnotatedSchema,
  type Field,
  fullName,
  isArray,
  isRecord,
  isUnion,
  type RecordSchema,
  type Schema,
} from '../schema.ts';

/** Why records of a released version and the schema of today don't go together. */
export interface Incompatibility {
  /** Dotted path of the field, from the event: `lines.unitPrice.amount`; empty for the event itself. */
  readonly field: string;
  readonly reason: string;
}

/**
 * Can readers of `current` read all that was written with `released`, and will it mean the same to them? Stricter
 * than Avro's BACKWARD in what Avro lets pass and a topic kept for ever can't take: a changed logical type, a changed
 * default, a renamed record, a field taken away from readers that need it. Aliases don't count: not every reader's Avro
 * knows them.
 */
export function incompatibilities(current: RecordSchema, released: RecordSchema): readonly Incompatibility[] {
  return compareRecords(resolver(current), resolver(released), '');
}

/** A schema with the definitions of the document that it stands in. */
interface Scope<S extends Schema = Schema> {
  readonly schema: S;
  readonly namespace: string;
  readonly definitions: ReadonlyMap<string, RecordSchema>;
}

type Reason = readonly Incompatibility[];

function resolver(schema: RecordSchema): Scope<RecordSchema> {
  const definitions = new Map<string, RecordSchema>();
  const collect = (part: Schema, namespace: string): void => {
    if (isUnion(part)) for (const branch of part) collect(branch, namespace);
    else if (isArray(part)) collect(part.items, namespace);
    else if (isRecord(part)) {
      definitions.set(fullName(part, namespace), part);
      for (const field of part.fields) collect(field.type, part.namespace ?? namespace);
    }
  };
  collect(schema, '');
  return { schema, namespace: schema.namespace ?? '', definitions };
}

function compareRecords(current: Scope<RecordSchema>, released: Scope<RecordSchema>, path: string): Reason {
  const [name, before] = [nameOf(current), nameOf(released)];
  if (name !== before) return [{ field: path, reason: `the record ${before} is called ${name} now` }];
  return [
    ...current.schema.fields.flatMap((field) => {
      const at = path === '' ? field.name : `${path}.${field.name}`;
      const former = released.schema.fields.find((other) => other.name === field.name);
      return former === undefined ? added(field, at) : compareFields(current, field, released, former, at);
    }),
    ...released.schema.fields
      .filter((former) => !current.schema.fields.some((field) => field.name === former.name))
      .flatMap((former) => removed(former, path === '' ? former.name : `${path}.${former.name}`)),
  ];
}

const nameOf = ({ schema, namespace }: Scope<RecordSchema>): string => fullName(schema, namespace);

function added(field: Field, at: string): Reason {
  if (field.default !== undefined) return [];
  return [{ field: at, reason: 'added without a default: older records have nothing to read' }];
}

function removed(field: Field, at: string): Reason {
  if (field.default !== undefined) return [];
  return [{ field: at, reason: 'removed, and readers of the released version have no default for it' }];
}

function compareFields(current: Scope, field: Field, released: Scope, former: Field, at: string): Reason {
  const changes = compareTypes({ ...current, schema: field.type }, { ...released, schema: former.type }, at);
  const hadDefault = former.default !== undefined && field.default !== undefined;
  if (!hadDefault || JSON.stringify(former.default) === JSON.stringify(field.default)) return changes;
  const [before, now] = [JSON.stringify(former.default), JSON.stringify(field.default)];
  return [
    ...changes,
    { field: at, reason: `its default was ${before} and is ${now}: older records would change` },
  ];
}

function compareTypes(current: Scope, released: Scope, at: string): Reason {
  const now = expand(current);
  const before = expand(released);
  if (isUnion(now.schema) || isUnion(before.schema)) return compareUnions(now, before, at);
  if (isRecord(now.schema) && isRecord(before.schema)) {
    return compareRecords({ ...now, schema: now.schema }, { ...before, schema: before.schema }, at);
  }
  if (isArray(now.schema) && isArray(before.schema)) {
    return compareTypes({ ...now, schema: now.schema.items }, { ...before, schema: before.schema.items }, at);
  }
  return comparePrimitives(now.schema, before.schema, at);
}

/** A mention of a record → its definition. */
function expand(scope: Scope): Scope {
  if (typeof scope.schema !== 'string') return scope;
  const name = scope.schema.includes('.') ? scope.schema : `${scope.namespace}.${scope.schema}`;
  const schema = scope.definitions.get(name) ?? scope.schema;
  const namespace = isRecord(schema)
    ? (schema.namespace ?? name.slice(0, name.lastIndexOf('.')))
    : scope.namespace;
  return { ...scope, schema, namespace };
}

/** Every branch that was written must be read by some branch of today's. */
function compareUnions(current: Scope, released: Scope, at: string): Reason {
  const readers = branches(current);
  return branches(released).flatMap((branch) => {
    const attempts = readers.map((reader) => compareTypes(reader, branch, at));
    if (attempts.some((reasons) => reasons.length === 0)) return [];
    const alike = attempts.find((_, index) => describe(readers[index]?.schema) === describe(branch.schema));
    return alike ?? [{ field: at, reason: `${describe(branch.schema)} was allowed and is not any more` }];
  });
}

function branches(scope: Scope): readonly Scope[] {
  const { schema } = scope;
  return isUnion(schema) ? schema.map((branch) => expand({ ...scope, schema: branch })) : [scope];
}

/** What a wider type reads without loss; that it reads a long as double or a string as bytes, Avro allows and we don't. */
const WIDER: Readonly<Record<string, readonly string[]>> = { long: ['int'], double: ['int'] };

function comparePrimitives(current: Schema, released: Schema, at: string): Reason {
  const [now, before] = [primitive(current), primitive(released)];
  if (now.type !== before.type && !WIDER[now.type]?.includes(before.type)) {
    return [{ field: at, reason: `was ${describe(released)}, is ${describe(current)}` }];
  }
  if (now.logicalType !== before.logicalType) {
    const [was, is] = [before.logicalType ?? 'none', now.logicalType ?? 'none'];
    return [{ field: at, reason: `its logical type was ${was}, is ${is}` }];
  }
  const gone = (before.values ?? []).filter((value) => !now.values?.includes(value));
  return gone.map((value) => ({ field: at, reason: `${value} was allowed and is not any more` }));
}

/** What of a type is compared when it is neither a record nor an array nor a union. */
function primitive(
  schema: Schema,
): Pick<AnnotatedSchema, 'logicalType' | 'values'> & { readonly type: string } {
  if (typeof schema === 'string') return { type: schema };
  if (isUnion(schema)) return { type: 'union' };
  if (isRecord(schema) || isArray(schema)) return { type: schema.type };
  return schema;
}

function describe(schema: Schema | undefined): string {
  if (schema === undefined || typeof schema === 'string') return schema ?? 'nothing';
  if (isUnion(schema)) return schema.map(describe).join(' or ');
  return isRecord(schema) ? `record ${schema.name}` : schema.type;
}
