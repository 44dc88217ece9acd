import { useEffect } from 'preact/hooks';
import type { AsyncApi, AsyncMessage } from './documents.ts';
import { FieldList, Prose } from './field-list.tsx';
import { Panel } from './parts.tsx';
import { fieldsOfAvro, fieldsOfJson, type Resolve } from './schema-fields.ts';

interface Props {
  readonly title: string;
  readonly content: AsyncApi;
  /** A topic that is to be seen at once. */
  readonly chosen: string | undefined;
}

const nameIn = ({ $ref }: { readonly $ref: string }): string => $ref.split('/').at(-1) ?? '';
const isDeadLetters = (topic: string): boolean => topic.endsWith('.dlq');

/** Every topic with its events, who says them and who reacts. */
export function TopicsDoc({ title, content, chosen }: Props) {
  useEffect(() => {
    if (chosen !== undefined) document.getElementById(`topic-${chosen}`)?.scrollIntoView();
  }, [chosen]);
  const topics = Object.keys(content.channels);
  const [kept, deadLetters] = [topics.filter((topic) => !isDeadLetters(topic)), topics.filter(isDeadLetters)];
  return (
    <Panel title={title} class="doc">
      {kept.map((topic) => (
        <Topic key={topic} topic={topic} content={content} />
      ))}
      {deadLetters.length > 0 && (
        <>
          <h3>Dead letter topics</h3>
          <p class="quiet">
            One for each topic and group that reads it; all hold the same two:{' '}
            {deadLetters.map((topic) => (
              <code key={topic} class="listed">
                {topic}
              </code>
            ))}
          </p>
          {messagesOf(content, deadLetters[0] ?? '').map((message) => (
            <Message key={message.name} message={message} content={content} />
          ))}
        </>
      )}
    </Panel>
  );
}

const messagesOf = ({ channels, components }: AsyncApi, topic: string): readonly AsyncMessage[] =>
  Object.values(channels[topic]?.messages ?? {}).flatMap((ref) => components.messages[nameIn(ref)] ?? []);

function Topic({ topic, content }: { readonly topic: string; readonly content: AsyncApi }) {
  const channel = content.channels[topic];
  if (channel === undefined) return null;
  const { description, bindings } = channel;
  const operations = Object.values(content.operations).filter(({ channel: of }) => nameIn(of) === topic);
  return (
    <section class="topic" id={`topic-${topic}`} aria-label={topic}>
      <h3>
        <code>{topic}</code>
      </h3>
      <p>
        {description} {bindings.kafka.partitions} partitions.
      </p>
      <ul class="operations">
        {operations.map(({ action, description: verbs, tags }) => (
          <li key={`${action} ${tags?.[0]?.name}`}>
            <span class={`of-${tags?.[0]?.name} service-name`}>{tags?.[0]?.name}</span>{' '}
            {action === 'send' ? 'writes' : 'reads'}
            {': '}
            <Prose text={verbs.replaceAll(/^- /gm, '').replaceAll('\n', '; ')} />
          </li>
        ))}
      </ul>
      {messagesOf(content, topic).map((message) => (
        <Message key={message.name} message={message} content={content} />
      ))}
    </section>
  );
}

function Message({ message, content }: { readonly message: AsyncMessage; readonly content: AsyncApi }) {
  const { name, summary, description, payload } = message;
  const resolve: Resolve = (ref) => content.components.schemas[nameIn({ $ref: ref })];
  const fields = payload.schema === undefined ? fieldsOfJson(payload, resolve) : fieldsOfAvro(payload.schema);
  return (
    <details class="message">
      <summary>
        <strong>{name}</strong> <span class="quiet">{summary}</span>
      </summary>
      {description !== undefined && (
        <p>
          <Prose text={description} />
        </p>
      )}
      <FieldList fields={fields} />
      {message['x-subject'] !== undefined && (
        <p class="quiet">
          Avro; in the registry: <code>{message['x-subject']}</code>
        </p>
      )}
    </details>
  );
}
