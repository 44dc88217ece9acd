import type { OpenApi, OpenContent, OpenOperation } from './documents.ts';
import { FieldList, Prose } from './field-list.tsx';
import { Panel, Scroll } from './parts.tsx';
import { fieldsOfJson, type Resolve, type SchemaField, typeOfJson } from './schema-fields.ts';

/** Every endpoint of a service, with what it takes, examples, and what it answers. */
export function EndpointsDoc({ title, content }: { readonly title: string; readonly content: OpenApi }) {
  const resolve: Resolve = (ref) => content.components?.schemas?.[ref.split('/').at(-1) ?? ''];
  return (
    <Panel title={title} class="doc">
      {content.info.description.split('\n\n').map((paragraph) => (
        <p key={paragraph} class="doc-text">
          <Prose text={paragraph} />
        </p>
      ))}
      {Object.entries(content.paths).flatMap(([path, operations]) =>
        Object.entries(operations).map(([method, operation]) => (
          <Endpoint
            key={`${method} ${path}`}
            method={method.toUpperCase()}
            path={path}
            operation={operation}
            resolve={resolve}
          />
        )),
      )}
    </Panel>
  );
}

/** As one would type it. */
const textOf = (example: unknown): string =>
  typeof example === 'string' ? example : JSON.stringify(example);

interface EndpointProps {
  readonly method: string;
  readonly path: string;
  readonly operation: OpenOperation;
  readonly resolve: Resolve;
}

function Endpoint({ method, path, operation, resolve }: EndpointProps) {
  const { summary, description, parameters = [], requestBody, responses, security } = operation;
  const given = parameters.map(
    (parameter): SchemaField => ({
      name: parameter.name,
      type: `${typeOfJson(parameter.schema, resolve)} in ${parameter.in}${
        parameter.example === undefined ? '' : `, such as ${textOf(parameter.example)}`
      }`,
      isRequired: parameter.required ?? false,
      doc: parameter.description ?? '',
      fields: [],
    }),
  );
  return (
    <details class="message">
      <summary>
        <code class="endpoint">
          <strong>{method}</strong> {path}
        </code>{' '}
        <span class="quiet">
          {summary}
          {(security?.length ?? 0) > 0 && ' (operators)'}
        </span>
      </summary>
      {description !== undefined && (
        <p>
          <Prose text={description} />
        </p>
      )}
      {given.length > 0 && <h3>Parameters</h3>}
      <FieldList fields={given} />
      {Object.entries(requestBody?.content ?? {}).map(([type, body]) => (
        <Content key={type} title={`Body, ${type}`} content={body} resolve={resolve} />
      ))}
      <h3>Answers</h3>
      <ul class="fields">
        {Object.entries(responses).map(([status, { description: says, content = {} }]) => (
          <li key={status}>
            <code class="field-name">{status}</code> <Prose text={says} />
            {Object.entries(content)
              .filter(([type]) => type !== 'application/problem+json')
              .map(([type, answer]) => (
                <Content key={type} title={type} content={answer} resolve={resolve} />
              ))}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Content(props: {
  readonly title: string;
  readonly content: OpenContent;
  readonly resolve: Resolve;
}) {
  const { schema, example, examples = {} } = props.content;
  const shown = [
    ...(example === undefined ? [] : [{ name: 'example', summary: undefined, value: example }]),
    ...Object.entries(examples).map(([name, { summary, value }]) => ({ name, summary, value })),
  ];
  return (
    <>
      <h3>{props.title}</h3>
      {schema !== undefined && <FieldList fields={fieldsOfJson(schema, props.resolve)} />}
      {shown.map(({ name, summary, value }) => (
        <details key={name}>
          <summary>
            Example {name}
            {summary !== undefined && <span class="quiet"> {summary}</span>}
          </summary>
          <Scroll label={`Example ${name}`} class="payload">
            <pre>{JSON.stringify(value, null, 2)}</pre>
          </Scroll>
        </details>
      ))}
    </>
  );
}
