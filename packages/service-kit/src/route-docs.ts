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

type RequestPart = 'body' | 'querystring' | 'params' | 'headers';

/** @throws if the route would refuse one of its own examples: those of its body, and what zod's `examples` say of a parameter. */
export function assertExamples(route: RouteOptions): void {
  const place = `${[route.method].flat().join()} ${route.url}`;
  const body = partOf(route, 'body');
  for (const [name, { value }] of Object.entries(route.config?.docs?.examples ?? {})) {
    if (body === undefined) throw new Error(`${place} has an example of a body, and takes none`);
    assertTaken(body, value, `${place} body: the example ${name}`);
  }
  for (const part of ['params', 'querystring', 'headers'] as const) {
    const schema = partOf(route, part);
    if (!(schema instanceof z.ZodObject)) continue;
    for (const [name, field] of Object.entries(schema.shape)) assertField(field, `${place} ${part}/${name}`);
  }
}

function assertField(field: z.core.$ZodType, place: string): void {
  const examples = z.globalRegistry.get(field)?.['examples'];
  for (const example of Array.isArray(examples) ? (examples as unknown[]) : []) {
    // What travels in a URL or a header is text.
    assertTaken(field, String(example), `${place}: the example ${String(example)}`);
  }
}

function assertTaken(schema: z.core.$ZodType, value: unknown, what: string): void {
  const { error } = z.safeParse(schema, value);
  if (error !== undefined) throw new Error(`${what} is refused by its own schema: ${z.prettifyError(error)}`);
}

function partOf(route: RouteOptions, part: RequestPart): z.ZodType | undefined {
  const schema = route.schema?.[part];
  return schema instanceof z.ZodType ? schema : undefined;
}
