/** The part of Avro's schema language that the house uses, as JSON. */
export type Schema = string | readonly Schema[] | RecordSchema | ArraySchema | AnnotatedSchema;

export interface RecordSchema {
  readonly type: 'record';
  readonly name: string;
  /** `skald.<domain>`; a nested record without one is in its parent's. */
  readonly namespace?: string;
  readonly doc?: string;
  readonly fields: readonly Field[];
}

export interface Field {
  readonly name: string;
  readonly type: Schema;
  readonly doc?: string;
  /** `undefined` (absent): no default. */
  readonly default?: unknown;
  /** Says something about a person: only in topics that forget. */
  readonly personalData?: boolean;
}

export interface ArraySchema {
  readonly type: 'array';
  readonly items: Schema;
}

/** A primitive with a logical type. */
export interface AnnotatedSchema {
  readonly type: 'string' | 'int' | 'long' | 'double' | 'boolean';
  readonly logicalType?: string;
  readonly doc?: string;
  /** Of the logical type `one-of`: the strings allowed. */
  readonly values?: readonly string[];
}

export function isUnion(schema: Schema): schema is readonly Schema[] {
  return Array.isArray(schema);
}

export function isRecord(schema: Schema): schema is RecordSchema {
  return typeof schema === 'object' && !isUnion(schema) && schema.type === 'record';
}

export function isArray(schema: Schema): schema is ArraySchema {
  return typeof schema === 'object' && !isUnion(schema) && schema.type === 'array';
}

export function isAnnotated(schema: Schema): schema is AnnotatedSchema {
  return typeof schema === 'object' && !isUnion(schema) && !isRecord(schema) && !isArray(schema);
}

/** `skald.orders.OrderCreated`: the name in Avro, and the registry's subject for a top-level record. */
export function fullName(schema: RecordSchema, enclosing?: string): string {
  const namespace = schema.namespace ?? enclosing;
  return namespace === undefined || schema.name.includes('.') ? schema.name : `${namespace}.${schema.name}`;
}
