import { PoisonError } from './errors.ts';

/** The parts of an Avro schema that a walk over its bytes needs. */
export type AvroSchema =
  | string
  | readonly AvroSchema[]
  | {
      readonly type: AvroSchema;
      readonly name?: string;
      readonly namespace?: string;
      readonly [attribute: string]: unknown;
    };

/** Walks one value from `at` and answers where it ends. */
type Walk = (bytes: Buffer, at: number) => number;

const DEPTH = 64;

/**
 * Checks an Avro value's bytes before anything is allocated for it: avsc believes an array's count, so that ten bytes
 * can run the process out of memory, past every try/catch.
 * Every count and length must fit in the bytes that are left, and the value must end where the bytes end.
 * Undefined for schemas that hold no array and no map: avsc is safe with those.
 */
export function createBoundsCheck(schema: AvroSchema): ((bytes: Buffer, at: number) => void) | undefined {
  const named = new Map<string, Walk>();
  if (!hasBlocks(schema)) return undefined;
  const walk = compile(schema, named);
  return (bytes, at) => {
    const end = walk(bytes, at);
    if (end !== bytes.length) {
      throw new PoisonError('UNDECODABLE', `the value ends at byte ${end} of ${bytes.length}`);
    }
  };
}

const hasBlocks = (schema: AvroSchema): boolean => /"type":"(array|map)"/.test(JSON.stringify(schema));

const outOfBounds = (what: string) =>
  new PoisonError('UNDECODABLE', `${what} runs past the end of the value`);

const skip: Walk = (bytes, at) => {
  for (let i = at; i < at + 10; i += 1) {
    const byte = bytes[i];
    if (byte === undefined) throw outOfBounds('a number');
    if (byte < 0x80) return i + 1;
  }
  throw new PoisonError('UNDECODABLE', 'a number of more than ten bytes');
};

/** A zigzag varint as a double: exact up to 2^53, and what is larger is out of every bound anyway. */
function readLong(bytes: Buffer, at: number): number {
  let value = 0;
  let scale = 1;
  for (let i = at; ; i += 1) {
    const byte = bytes[i] ?? 0;
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte < 0x80) break;
  }
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

const fixed =
  (size: number): Walk =>
  (bytes, at) => {
    if (at + size > bytes.length) throw outOfBounds('a value');
    return at + size;
  };

const sized: Walk = (bytes, at) => {
  const start = skip(bytes, at);
  const size = readLong(bytes, at);
  if (size < 0 || start + size > bytes.length) throw outOfBounds('a string');
  return start + size;
};

const primitives: Readonly<Record<string, Walk>> = {
  null: (_bytes, at) => at,
  boolean: fixed(1),
  int: skip,
  long: skip,
  float: fixed(4),
  double: fixed(8),
  string: sized,
  bytes: sized,
};

function blocks(item: Walk): Walk {
  return (bytes, start) => {
    let at = start;
    for (;;) {
      const afterCount = skip(bytes, at);
      const count = readLong(bytes, at);
      at = afterCount;
      if (count === 0) return at;
      if (count < 0) at = skip(bytes, at);
      // An item of no bytes at all (null, an empty record) would make any count believable: allow one a byte.
      if (Math.abs(count) > bytes.length - at) throw outOfBounds(`an array of ${Math.abs(count)} items`);
      for (let i = 0; i < Math.abs(count); i += 1) at = item(bytes, at);
    }
  };
}

function compile(schema: AvroSchema, named: Map<string, Walk>, namespace = '', depth = 0): Walk {
  if (depth > DEPTH) throw new TypeError('the schema is nested too deeply');
  if (typeof schema === 'string') {
    const walk = primitives[schema] ?? named.get(schema) ?? named.get(`${namespace}.${schema}`);
    if (walk === undefined) throw new TypeError(`unknown Avro type ${schema}`);
    return walk;
  }
  if (isUnion(schema)) {
    const branches = schema.map((branch) => compile(branch, named, namespace, depth + 1));
    return (bytes, at) => {
      const after = skip(bytes, at);
      const branch = branches[readLong(bytes, at)];
      if (branch === undefined) throw new PoisonError('UNDECODABLE', 'no such branch of a union');
      return branch(bytes, after);
    };
  }
  const space = schema.namespace ?? namespace;
  const remember = (walk: Walk): Walk => {
    if (schema.name !== undefined) {
      named.set(schema.name, walk);
      named.set(`${space}.${schema.name}`, walk);
    }
    return walk;
  };
  switch (schema.type) {
    case 'record':
      return record(schema, remember, named, space, depth);
    case 'array':
      return blocks(compile(schema['items'] as AvroSchema, named, space, depth + 1));
    case 'map': {
      const item = compile(schema['values'] as AvroSchema, named, space, depth + 1);
      return blocks((bytes, at) => item(bytes, sized(bytes, at)));
    }
    case 'enum':
      return remember(skip);
    case 'fixed':
      return remember(fixed(Number(schema['size'])));
    default:
      return compile(schema.type, named, space, depth + 1);
  }
}

function record(
  schema: Exclude<AvroSchema, string | readonly AvroSchema[]>,
  remember: (walk: Walk) => Walk,
  named: Map<string, Walk>,
  namespace: string,
  depth: number,
): Walk {
  const fields: Walk[] = [];
  // Registered before its fields are compiled, as they may refer to it.
  const walk = remember((bytes, start) => {
    let at = start;
    for (const field of fields) at = field(bytes, at);
    return at;
  });
  for (const field of schema['fields'] as readonly { type: AvroSchema }[]) {
    fields.push(compile(field.type, named, namespace, depth + 1));
  }
  return walk;
}

const isUnion = (schema: AvroSchema): schema is readonly AvroSchema[] => Array.isArray(schema);
