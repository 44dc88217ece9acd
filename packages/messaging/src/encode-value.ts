import { type EventName, type InvalidField, schemaOf, subjectOf, typeFor } from '@skald/contracts';
import { FatalError } from './errors.ts';
import type { Registry } from './registry.ts';

/**
 * An event's value in the wire format, made from what a person has written: checked field by field, unknown fields
 * included. Throws TransientError while the registry is away.
 */
export async function encodeValue(
  registry: Registry,
  name: EventName,
  data: unknown,
): Promise<{ readonly value: Buffer } | { readonly invalid: readonly InvalidField[] }> {
  const type = typeFor(schemaOf(name));
  const invalid: InvalidField[] = [];
  type.isValid(data, {
    noUndeclaredFields: true,
    errorHook(path, value, expected) {
      const pointer = path.map((part) => `/${part}`).join('');
      invalid.push({ pointer, detail: `${shown(value)} is no ${expected.typeName} as ${name} wants it` });
    },
  });
  if (invalid.length > 0) return { invalid };
  const id = await registry.idOf(subjectOf(name), schemaOf(name));
  if (id === undefined)
    throw new FatalError(
      'SCHEMA_NOT_REGISTERED',
      `${subjectOf(name)} is not registered in this build's form`,
    );
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(id, 1);
  return { value: Buffer.concat([prefix, type.toBuffer(data)]) };
}

const shown = (value: unknown): string =>
  value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 100);
