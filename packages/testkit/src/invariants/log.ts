import { groups, serviceNames, type TopicName, topics } from '@skald/contracts';
import { type Check, groupBy, type Violation } from './violation.ts';

/** 10. For each key of a topic `ce_sequence` rises without a gap, duplicates aside; a key stays in its partition. */
export const sequencesRise: Check = ({ events, unreadable }) => {
  const violations: Violation[] = [];
  for (const { record, why } of unreadable) {
    const { topic, partition, offset } = record;
    violations.push({
      invariant: 10,
      subject: `${topic}/${partition}@${offset}`,
      says: `unreadable: ${why}`,
    });
  }
  for (const [subject, told] of groupBy(events, ({ record, key }) => `${record.topic} ${key}`)) {
    const blame = (says: string) => violations.push({ invariant: 10, subject, says });
    const { topic, partition } = told[0]?.record ?? { topic: '', partition: -1 };
    if (told.some(({ record }) => record.partition !== partition)) blame('is in two partitions');
    // What a compacted topic has dropped was an older version of the key.
    const mayHaveGaps = topics[topic as TopicName].cleanup !== 'kept';
    const seen = new Map<number, string>();
    let last = 0;
    for (const { sequence, id } of told) {
      const before = seen.get(sequence);
      if (before !== undefined && before !== id) blame(`has two events with the sequence ${sequence}`);
      if (before !== undefined) continue;
      seen.set(sequence, id);
      if (sequence <= last || (sequence !== last + 1 && !mayHaveGaps))
        blame(`${last} is followed by ${sequence}`);
      last = sequence;
    }
  }
  return violations;
};

/** Between a decision's clock and its outbox entry's, ms. */
const HORIZON_MARGIN_MS = 5_000;

/** 9. Event ids on the topics = committed outbox ids, as far back as outboxes reach. */
export const outboxIsOnTopics: Check = ({ deadLetters, stored }, story) => {
  const violations: Violation[] = [];
  const published = new Set(story.events.map(({ id }) => id));
  const letters = new Set(deadLetters.map(({ headers }) => headers['ce_id']));
  for (const service of serviceNames) {
    const entries = stored.outbox.get(service) ?? [];
    const committed = new Set(entries.map(({ id }) => id));
    for (const { id, topic, key } of entries) {
      if (!published.has(id) && !letters.has(id)) {
        violations.push({
          invariant: 9,
          subject: `${topic} ${key}`,
          says: `${id} was committed, not published`,
        });
      }
    }
    const own = story.events.filter(({ record }) => topics[record.topic as TopicName].writer === service);
    // Entries that Kafka has acknowledged are dropped a slot at a time, oldest first.
    const isWhole = entries[0]?.position === 1;
    const horizon = isWhole ? 0 : (entries[0]?.createdAt ?? Number.POSITIVE_INFINITY) + HORIZON_MARGIN_MS;
    for (const { id, name, key, source, record } of own) {
      if (source !== `/skald/${service}`) {
        violations.push({ invariant: 9, subject: `${record.topic} ${key}`, says: `${name} is by ${source}` });
      }
      if (Date.parse(record.headers['ce_time'] ?? '') > horizon && !committed.has(id)) {
        violations.push({
          invariant: 9,
          subject: `${record.topic} ${key}`,
          says: `${id} was never committed`,
        });
      }
    }
  }
  return violations;
};

/** Events that come once for each template, not once for each order. */
const oneEachTemplate = new Set(['EmailNotification', 'MailSent', 'MailUnknown']);

/** 11. Each consumer applies each event once: its inbox stands at the newest, and nothing was done twice. */
export const eachEventIsAppliedOnce: Check = ({ stored }, story) => {
  const violations: Violation[] = [];
  const newest = new Map<string, number>();
  for (const { record, key, sequence } of story.events) {
    const at = `${record.topic} ${key}`;
    newest.set(at, Math.max(newest.get(at) ?? 0, sequence));
  }
  for (const service of serviceNames) {
    const marks = new Map(
      (stored.inbox.get(service) ?? []).map(({ topic, key, applied }) => [`${topic} ${key}`, applied]),
    );
    for (const [subject, sequence] of newest) {
      if (!groups[service].includes(subject.slice(0, subject.indexOf(' ')) as TopicName)) continue;
      const applied = marks.get(subject) ?? 0;
      if (applied !== sequence) {
        const says = `${service} has applied ${applied} of ${sequence}`;
        violations.push({ invariant: 11, subject, says });
      }
    }
  }
  for (const [subject, twins] of groupBy(story.events, ({ name, key, data }) =>
    oneEachTemplate.has(name) && 'template' in data ? `${name} ${key} ${data.template}` : `${name} ${key}`,
  )) {
    if (twins.length > 1 && !subject.startsWith('ProductListed ')) {
      violations.push({ invariant: 11, subject, says: `happened ${twins.length} times` });
    }
  }
  for (const { order_id, topic, count } of stored.history) {
    const told = newest.get(`${topic} ${order_id}`) ?? 0;
    if (told !== count) {
      const says = `its history has ${count} of ${told} events of ${topic}`;
      violations.push({ invariant: 11, subject: order_id, says });
    }
  }
  return violations;
};

/** 14. Nothing was dead-lettered, and no key waits. */
export const noDeadLetters: Check = ({ deadLetters, stored }) => [
  ...deadLetters.map(({ topic, key, headers }) => ({
    invariant: 14,
    subject: `${topic} ${key?.toString('utf8') ?? ''}`,
    says: `a dead letter: ${headers['dlq_error_code']} ${headers['dlq_error_text']}`,
  })),
  ...[...stored.parked].flatMap(([service, rows]) =>
    rows.map(({ topic, key }) => ({
      invariant: 14,
      subject: `${topic} ${key}`,
      says: `parked by ${service}`,
    })),
  ),
];
