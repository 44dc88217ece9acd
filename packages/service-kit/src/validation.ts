import type { FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';
import type { FieldError } from './problem.ts';
import { Problem } from './problem.ts';

/** More than this and the answer would be longer than the request. */
const maxErrors = 50;

/** What stands before a field's name where it isn't in the body. */
const places: Readonly<Record<string, string>> = {
  querystring: 'query',
  params: 'path',
  headers: 'header',
};

/**
 * Validates with the route's zod schemas. Nothing is coerced in a body, and no unknown key passes: a route whose
 * schemas would let one through (`z.object` drops it silently) doesn't register.
 */
export const strictValidatorCompiler: FastifySchemaCompiler<z.ZodType> = ({
  schema,
  method,
  url,
  httpPart,
}) => {
  const part = httpPart ?? 'body';
  if (part !== 'headers') assertStrict(schema, part, `${method} ${url} ${part}`);
  return (data: unknown) => {
    const result = schema.safeParse(data);
    return result.success ? { value: result.data } : { error: invalidRequest(part, result.error) };
  };
};

function invalidRequest(part: string, error: z.ZodError): Problem {
  const errors = error.issues.flatMap((issue) => fieldErrors(part, issue)).slice(0, maxErrors);
  const named = errors.map(({ pointer, detail }) => `${pointer}: ${detail}`);
  return new Problem({
    status: 400,
    type: 'urn:skald:problem:invalid-request',
    title: 'Invalid request',
    detail: named.slice(0, 3).join('; ') + (named.length > 3 ? ' …' : ''),
    errors,
  });
}

/** An unknown key is reported at the object that holds it: point at the key itself. */
function fieldErrors(part: string, issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code !== 'unrecognized_keys')
    return [{ pointer: pointerTo(part, issue.path), detail: issue.message }];
  return issue.keys.map((key) => ({
    pointer: pointerTo(part, [...issue.path, key]),
    detail: 'Unknown field',
  }));
}

/** A JSON pointer as a URI fragment (RFC 6901) in the body; else the name of the parameter. */
function pointerTo(part: string, path: readonly PropertyKey[]): string {
  const place = places[part];
  if (place !== undefined) return [place, ...path.map(String)].join('/');
  return [
    '#',
    ...path.map((key) => String(key).slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')),
  ].join('/');
}

/** @throws if the schema has an object that isn't strict, or coerces in a body. Walks what zod schemas are made of. */
function assertStrict(schema: z.ZodType, part: string, place: string): void {
  const seen = new Set<unknown>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null || seen.has(node)) return;
    seen.add(node);
    if (!(node instanceof z.ZodType)) {
      for (const child of Object.values(node)) visit(child);
      return;
    }
    if (node instanceof z.ZodObject && !(node.def.catchall instanceof z.ZodNever)) {
      throw new Error(`${place} holds an object that lets unknown keys pass: use z.strictObject`);
    }
    if (part === 'body' && 'coerce' in node.def && node.def.coerce === true) {
      throw new Error(`${place} coerces: a body is taken as it is`);
    }
    if (node instanceof z.ZodLazy) return;
    visit({ ...node.def });
  };
  visit(schema);
}
