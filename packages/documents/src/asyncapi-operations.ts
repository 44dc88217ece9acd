import {
  type CompanionName,
  type DeadLetterTopic,
  groupNames,
  groups,
  sagaGraph,
  type Topic,
} from '@skald/contracts';
import { deadLetterMessages, type Json, KAFKA_BINDING } from './asyncapi-messages.ts';

/** Beside the saga: looks after what could not be taken in. */
const deadLetterReader: CompanionName = 'dead-letters';

type Entry = readonly [id: string, operation: Json];

/** Who writes a topic, and which groups read it. */
export const operationsOf = (topic: Topic): Entry[] => [
  send(topic.writer, topic.name, topic.events, says(topic)),
  ...groupNames
    .filter((name) => groups[name].includes(topic.name))
    .map((reader) => receive(reader, topic.name, topic.events, reads(reader, topic))),
];

export const deadLetterOperationsOf = ({ name, writer, topic }: DeadLetterTopic): Entry[] => {
  const messages = Object.keys(deadLetterMessages);
  return [
    send(writer, name, messages, `What could not be taken in of ${topic}, in the transaction that parks it.`),
    receive(deadLetterReader, name, messages, 'Into a database of its own, for people to look at.'),
  ];
};

function send(service: string, topic: string, messages: readonly string[], description: string): Entry {
  return [
    `${service}.sends.${topic}`,
    {
      action: 'send',
      title: `${service} → ${topic}`,
      description,
      tags: [{ name: service }],
      ...about(topic, messages),
    },
  ];
}

function receive(service: string, topic: string, messages: readonly string[], description: string): Entry {
  return [
    `${service}.receives.${topic}`,
    {
      action: 'receive',
      title: `${topic} → ${service}`,
      description,
      tags: [{ name: service }],
      ...about(topic, messages),
      bindings: {
        kafka: { groupId: { type: 'string', enum: [service] }, bindingVersion: KAFKA_BINDING },
      },
    },
  ];
}

const about = (topic: string, messages: readonly string[]): Json => ({
  channel: { $ref: `#/channels/${topic}` },
  messages: messages.map((name) => ({ $ref: `#/channels/${topic}/messages/${name}` })),
});

/** Event by event: which of the writer's verbs says it. */
function says(topic: Topic): string {
  return told(topic, (event) =>
    sagaGraph
      .filter((step) => [...step.publishes, ...step.onFailure].includes(event))
      .map(({ verb, onFailure }) =>
        onFailure.includes(event) ? `when it can’t ${words(verb)}` : words(verb),
      ),
  );
}

/** Event by event: which of the reader's verbs it calls for. */
function reads(reader: string, topic: Topic): string {
  return told(topic, (event) => {
    const verbs = sagaGraph.filter((step) => step.service === reader && step.on.includes(event));
    return verbs.map(({ verb, needs, on }) => {
      const rest = needs === 'all' ? on.filter((other) => other !== event) : [];
      return words(verb) + (rest.length > 0 ? `, once it has ${rest.join(' and ')}, too` : '');
    });
  });
}

function told(topic: Topic, verbsOf: (event: Topic['events'][number]) => readonly string[]): string {
  return topic.events
    .map((event) => [event, verbsOf(event).join('; ')] as const)
    .map(([event, verbs]) => `- \`${event}\`${verbs === '' ? '' : `: ${verbs}`}`)
    .join('\n');
}

/** `callOff` → `call off` */
const words = (verb: string): string => verb.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
