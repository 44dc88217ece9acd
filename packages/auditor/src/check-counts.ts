import type { typeFor } from '@skald/contracts';

type AvroType = ReturnType<typeof typeFor>;

/**
 * Follows a value's layout as far as its arrays, and throws when one claims more items than bytes are left: avsc would
 * believe it, and a record of ten bytes would take all memory there is. See https://avro.apache.org/docs/1.11.1/specification/#binary-encoding
 */
export function checkCounts(type: AvroType, value: Buffer): void {
  const cursor = { at: 0 };
  walk(type, value, cursor);
}

interface Cursor {
  at: number;
}

/** What avsc knows of a type, by its name. */
interface Shape {
  readonly typeName: string;
  readonly fields?: readonly { readonly type: AvroType }[];
  readonly types?: readonly AvroType[];
  readonly itemsType?: AvroType;
  readonly valuesType?: AvroType;
  readonly underlyingType?: AvroType;
  readonly size?: number;
}

function walk(type: AvroType, value: Buffer, cursor: Cursor): void {
  const shape = type as unknown as Shape;
  const { typeName } = shape;
  if (shape.underlyingType !== undefined) walk(shape.underlyingType, value, cursor);
  else if (typeName === 'record') for (const field of shape.fields ?? []) walk(field.type, value, cursor);
  else if (typeName === 'array' && shape.itemsType) walkBlocks([shape.itemsType], value, cursor);
  else if (typeName === 'map' && shape.valuesType) walkBlocks([undefined, shape.valuesType], value, cursor);
  else if (typeName.startsWith('union')) {
    const branch = shape.types?.[readLong(value, cursor)];
    if (branch === undefined) throw new Error('no such branch of a union');
    walk(branch, value, cursor);
  } else if (typeName === 'string' || typeName === 'bytes') skip(readLong(value, cursor), value, cursor);
  else if (typeName === 'int' || typeName === 'long' || typeName === 'enum') readLong(value, cursor);
  else
    skip({ null: 0, boolean: 1, float: 4, double: 8, fixed: shape.size ?? 0 }[typeName] ?? 0, value, cursor);
}

/** `parts`: of one item; undefined is a string, as a map's keys are. */
function walkBlocks(parts: readonly (AvroType | undefined)[], value: Buffer, cursor: Cursor): void {
  for (let count = readLong(value, cursor); count !== 0; count = readLong(value, cursor)) {
    if (count < 0) readLong(value, cursor);
    const items = Math.abs(count);
    if (items > value.length - cursor.at) throw new Error(`an array of ${items} in ${value.length} bytes`);
    for (let item = 0; item < items; item += 1) {
      for (const part of parts) {
        if (part === undefined) skip(readLong(value, cursor), value, cursor);
        else walk(part, value, cursor);
      }
    }
  }
}

function skip(bytes: number, value: Buffer, cursor: Cursor): void {
  if (bytes < 0 || cursor.at + bytes > value.length) throw new Error('the value ends in the middle');
  cursor.at += bytes;
}

/** A zigzag varint; as a double, which is exact for all that can be right. */
function readLong(value: Buffer, cursor: Cursor): number {
  let zigzag = 0;
  for (let shift = 0; shift < 10; shift += 1) {
    const byte = value[cursor.at];
    if (byte === undefined) throw new Error('the value ends in the middle');
    cursor.at += 1;
    zigzag += (byte & 0x7f) * 2 ** (7 * shift);
    if (byte < 0x80) return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }
  throw new Error('a number of more than ten bytes');
}
