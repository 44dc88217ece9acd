import type { RouteOptions } from 'fastify';
import { z } from 'zod';

/** What the API's document says of a route beside what its schemas say: the route's `config.docs`. */
export interface RouteDocs {
  /**
   * Status, 400 to 599 → when it is answered, in a sentence. What the kit answers for any route of its kind, such as a
   * 400 for a wrong field, is said by itself.
   */
  readonly problems?: Readonly<Record<number, string>>;
  /** Bodies to copy: name → what it is for, and the body. One that the route would refuse keeps it from registering. */
  readonly examples?: Readonly<Record<string, BodyExample>>;
}

export interface BodyExample {
  readonly summary: string;
  readonly value: unknown;
}

/** Where parameters are. */
export const parameterParts = ['params', 'querystring', 'headers'] as const;
type ParameterPart = (typeof parameterParts)[number];

/** @throws if the route would refuse one of its own examples: those of its body, and what zod's `examples` say of a parameter. */
export function assertExamples(route: RouteOptions): void {
  const place = `${[route.method].flat().join()} ${route.url}`;
  const body = partOf(route, 'body');
  for (const [name, { value }] of Object.entries(route.config?.docs?.examples ?? {})) {
    if (body === undefined) throw new Error(`${place} has an example of a body, and takes none`);
    assertTaken(body, value, `${place} body: the example ${name}`);
  }
  for (const part of parameterParts) {
    for (const [name, field] of Object.entries(fieldsOf(route, part))) {
      for (const example of examplesOf(route, part, name)) {
        // What travels in a URL or a header is text.
        assertTaken(field, String(example), `${place} ${part}/${name}: the example ${String(example)}`);
      }
    }
  }
}

/** Of a parameter, as zod's registry has them. */
export function examplesOf(route: RouteOptions, part: ParameterPart, name: string): readonly unknown[] {
  const field = fieldsOf(route, part)[name];
  const examples = field && z.globalRegistry.get(field)?.['examples'];
  return Array.isArray(examples) ? examples : [];
}

function fieldsOf(route: RouteOptions, part: ParameterPart): Readonly<Record<string, z.core.$ZodType>> {
  const schema = partOf(route, part);
  return schema instanceof z.ZodObject ? schema.shape : {};
}

function assertTaken(schema: z.core.$ZodType, value: unknown, what: string): void {
  const { error } = z.safeParse(schema, value);
  if (error !== undefined) throw new Error(`${what} is refused by its own schema: ${z.prettifyError(error)}`);
}

function partOf(route: RouteOptions, part: 'body' | ParameterPart): z.ZodType | undefined {
  const schema = route.schema?.[part];
  return schema instanceof z.ZodType ? schema : undefined;
}
