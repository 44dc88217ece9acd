/** A field of a schema, for people: whatever language it was written in. */
export interface SchemaField {
  readonly name: string;
  /** `string (uuid)`, `array of object`, `"EUR"`. */
  readonly type: string;
  readonly isRequired: boolean;
  readonly doc: string;
  readonly fields: readonly SchemaField[];
}

/** The part of JSON Schema that our documents speak. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly default?: unknown;
}

/** Deeper than this nobody reads: what goes on for ever ends, too. */
const MAX_DEPTH = 6;

export type Resolve = (ref: string) => JsonSchema | undefined;

/** What a schema's objects hold. */
export function fieldsOfJson(schema: JsonSchema, resolve: Resolve, depth = 0): readonly SchemaField[] {
  const own = dereferenced(schema, resolve);
  if (depth >= MAX_DEPTH) return [];
  const parts = [...(own.allOf ?? []), ...alternatives(own)];
  if (parts.length > 0) return parts.flatMap((part) => fieldsOfJson(part, resolve, depth + 1));
  if (own.items !== undefined) return fieldsOfJson(own.items, resolve, depth + 1);
  if (typeof own.additionalProperties === 'object')
    return fieldsOfJson(own.additionalProperties, resolve, depth + 1);
  return Object.entries(own.properties ?? {}).map(([name, property]) => {
    const value = dereferenced(property, resolve);
    return {
      name,
      type: typeOfJson(value, resolve),
      isRequired: own.required?.includes(name) ?? false,
      doc: property.description ?? value.description ?? '',
      fields: fieldsOfJson(value, resolve, depth + 1),
    };
  });
}

const dereferenced = (schema: JsonSchema, resolve: Resolve): JsonSchema =>
  schema.$ref === undefined ? schema : (resolve(schema.$ref) ?? {});

const alternatives = ({ anyOf = [], oneOf = [] }: JsonSchema): readonly JsonSchema[] => [...anyOf, ...oneOf];

/** In a few words. */
export function typeOfJson(schema: JsonSchema, resolve: Resolve): string {
  const own = dereferenced(schema, resolve);
  if (own.const !== undefined) return JSON.stringify(own.const);
  if (own.enum !== undefined) return own.enum.map((value) => JSON.stringify(value)).join(' | ');
  const either = alternatives(own);
  if (either.length > 0) return [...new Set(either.map((part) => typeOfJson(part, resolve)))].join(' or ');
  const name = Array.isArray(own.type) ? own.type.join(' or ') : ((own.type as string | undefined) ?? 'any');
  if (name === 'array') return `array of ${typeOfJson(own.items ?? {}, resolve)}`;
  const bounds = [
    own.format,
    own.minimum !== undefined && own.minimum > Number.MIN_SAFE_INTEGER ? `from ${own.minimum}` : undefined,
    own.maximum !== undefined && own.maximum < Number.MAX_SAFE_INTEGER ? `to ${own.maximum}` : undefined,
    own.maxLength === undefined ? undefined : `up to ${own.maxLength} characters`,
    own.default === undefined ? undefined : `default ${JSON.stringify(own.default)}`,
  ].filter((bound) => bound !== undefined);
  return bounds.length === 0 ? name : `${name} (${bounds.join(', ')})`;
}

/** Avro, as the registry has it. A named type may be named alone, once it was told. */
export type AvroSchema =
  | string
  | readonly AvroSchema[]
  | {
      readonly type: AvroSchema;
      readonly name?: string;
      readonly namespace?: string;
      readonly logicalType?: string;
      readonly doc?: string;
      readonly fields?: readonly {
        readonly name: string;
        readonly type: AvroSchema;
        readonly doc?: string;
      }[];
      readonly items?: AvroSchema;
      readonly values?: AvroSchema;
      readonly symbols?: readonly string[];
    };

type Known = Map<string, AvroSchema>;

/** What a record holds. */
export function fieldsOfAvro(
  schema: AvroSchema,
  known: Known = new Map(),
  depth = 0,
): readonly SchemaField[] {
  if (depth >= MAX_DEPTH) return [];
  if (typeof schema === 'string') {
    const named = known.get(schema);
    return named === undefined ? [] : fieldsOfAvro(named, known, depth + 1);
  }
  if (isUnion(schema)) return schema.flatMap((part) => fieldsOfAvro(part, known, depth + 1));
  remember(schema, known);
  const inside = schema.items ?? schema.values ?? (typeof schema.type === 'string' ? undefined : schema.type);
  if (inside !== undefined) return fieldsOfAvro(inside, known, depth + 1);
  return (schema.fields ?? []).map(({ name, type, doc = '' }) => ({
    name,
    type: typeOfAvro(type, known),
    isRequired: !(isUnion(type) && type.includes('null')),
    doc,
    fields: fieldsOfAvro(type, known, depth + 1),
  }));
}

const isUnion = (schema: AvroSchema): schema is readonly AvroSchema[] => Array.isArray(schema);

function remember(schema: Exclude<AvroSchema, string | readonly AvroSchema[]>, known: Known): void {
  if (schema.name === undefined) return;
  known.set(schema.name, schema);
  if (schema.namespace !== undefined) known.set(`${schema.namespace}.${schema.name}`, schema);
}

function typeOfAvro(schema: AvroSchema, known: Known): string {
  if (typeof schema === 'string') return shortName(schema);
  if (isUnion(schema)) return schema.map((part) => typeOfAvro(part, known)).join(' or ');
  remember(schema, known);
  const { type, logicalType, name, items, values, symbols } = schema;
  if (symbols !== undefined) return symbols.map((symbol) => JSON.stringify(symbol)).join(' | ');
  if (items !== undefined) return `array of ${typeOfAvro(items, known)}`;
  if (values !== undefined) return `map of ${typeOfAvro(values, known)}`;
  const own = name ?? typeOfAvro(type, known);
  return logicalType === undefined ? own : `${own} (${logicalType})`;
}

const shortName = (name: string): string => name.split('.').at(-1) ?? name;
