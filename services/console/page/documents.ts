import { ask } from './api.ts';
import type { AvroSchema, JsonSchema } from './schema-fields.ts';

/** What `npm run generate` has made from the code: docs/api, as it was when this page was built. */
export interface DocumentEntry {
  readonly kind: string;
  readonly name: string;
  readonly title: string;
  readonly path: string;
}

const [listed = []] = Object.values(
  import.meta.glob<readonly DocumentEntry[]>('../../../docs/api/index.json', {
    import: 'documents',
    eager: true,
  }),
);
export const documents = listed;

const folder = '../../../docs/api';
const addresses = import.meta.glob<string>(
  ['../../../docs/api/asyncapi.json', '../../../docs/api/openapi/*.json'],
  {
    query: '?url',
    import: 'default',
    eager: true,
  },
);

/** Throws ApiProblem. */
export const readDocument = <Content>({ path }: DocumentEntry): Promise<Content> =>
  ask<Content>(addresses[`${folder}/${path}`] ?? path);

interface Reference {
  readonly $ref: string;
}

/** AsyncAPI 3, as far as ours goes. */
export interface AsyncApi {
  readonly channels: Readonly<
    Record<
      string,
      {
        readonly address: string;
        readonly description: string;
        readonly messages: Readonly<Record<string, Reference>>;
        readonly bindings: { readonly kafka: { readonly partitions: number } };
        readonly 'x-writer': string;
      }
    >
  >;
  readonly operations: Readonly<
    Record<
      string,
      {
        readonly action: 'send' | 'receive';
        readonly description: string;
        readonly tags?: readonly { readonly name: string }[];
        readonly channel: Reference;
      }
    >
  >;
  readonly components: {
    readonly messages: Readonly<Record<string, AsyncMessage>>;
    readonly schemas: Readonly<Record<string, JsonSchema>>;
  };
}

export interface AsyncMessage {
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  readonly payload: { readonly schema?: AvroSchema } & JsonSchema;
  readonly 'x-subject'?: string;
}

/** OpenAPI 3.1, as far as ours goes. */
export interface OpenApi {
  readonly info: { readonly title: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenOperation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, JsonSchema>> };
}

export interface OpenOperation {
  readonly summary?: string;
  readonly description?: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema: JsonSchema;
    readonly example?: unknown;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, OpenContent>> };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, OpenContent>> }>
  >;
}

export interface OpenContent {
  readonly schema?: JsonSchema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly summary?: string; readonly value: unknown }>>;
}
