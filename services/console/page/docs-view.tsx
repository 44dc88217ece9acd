import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type AsyncApi, type DocumentEntry, documents, type OpenApi, readDocument } from './documents.ts';
import { EndpointsDoc } from './endpoints-doc.tsx';
import { Panel, ProblemNote } from './parts.tsx';
import { linkTo, route } from './route.ts';
import { SagaDoc } from './saga-doc.tsx';
import { TopicsDoc } from './topics-doc.tsx';

/** What there is to read: made from the code, and so what the code says. */
export function DocsView() {
  const [name = 'saga', of] = route.value.of;
  const entry = documents.find((document) => document.name === name);
  return (
    <>
      <nav class="panel doc-list" aria-label="Documents">
        {documents.map((document) => (
          <a
            key={document.name}
            href={linkTo('docs', document.name)}
            aria-current={document === entry ? 'page' : undefined}
          >
            {document.title}
          </a>
        ))}
      </nav>
      {entry === undefined && (
        <Panel title="No such document">
          <p>There is no document {name}.</p>
        </Panel>
      )}
      {entry?.kind === 'saga' && <SagaDoc />}
      {entry !== undefined && entry.kind !== 'saga' && <LoadedDoc key={entry.name} entry={entry} of={of} />}
    </>
  );
}

function LoadedDoc({ entry, of }: { readonly entry: DocumentEntry; readonly of: string | undefined }) {
  const content = useSignal<unknown>(undefined);
  const problem = useSignal<unknown>(undefined);
  useEffect(() => {
    readDocument(entry).then(
      (read) => {
        content.value = read;
      },
      (error: unknown) => {
        problem.value = error;
      },
    );
  }, [entry]);
  if (content.value === undefined)
    return (
      <Panel title={entry.title} class="doc">
        <ProblemNote error={problem.value} />
      </Panel>
    );
  return entry.kind === 'asyncapi' ? (
    <TopicsDoc title={entry.title} content={content.value as AsyncApi} chosen={of} />
  ) : (
    <EndpointsDoc title={entry.title} content={content.value as OpenApi} />
  );
}
