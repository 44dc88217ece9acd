import { describe, expect, it } from 'vitest';
import {
  deadLetterTopics,
  dlqTopic,
  eventsOf,
  groupNames,
  groups,
  isOfSaga,
  readersOf,
  topicConfig,
  topicOf,
  topics,
} from './catalogue.ts';
import { schemaOf } from './event-schema.ts';
import { eventNames } from './generated/events.ts';

describe('the topic catalogue', () => {
  it('carries every event in exactly one topic', () => {
    const carried = Object.values(topics).flatMap(({ events }) => events);
    expect(carried.toSorted()).toEqual([...eventNames].sort());
  });

  it.each(Object.entries(topics))('calls %s by its own name', (name, topic) => {
    expect(topic.name).toBe(name);
    expect(name).toMatch(/^[a-z]+(\.[a-z-]+)+$/);
  });

  it.each(Object.values(topics))('keys $name by a field that all of its events have', ({ key, events }) => {
    for (const event of events) expect(schemaOf(event).fields.map(({ name }) => name)).toContain(key);
  });

  it('finds the topic of an event, and the events of a topic', () => {
    expect(topicOf('PaymentRefunded')).toBe('payments.events');
    expect(eventsOf('email.events')).toEqual(['MailSent', 'MailUnknown']);
  });

  it('refuses an event that it does not know', () => {
    expect(() => topicOf('Unheard' as 'MailSent')).toThrow('No topic carries Unheard');
  });

  it('has a reader in the saga for every topic that the saga writes', () => {
    for (const { name, writer } of Object.values(topics))
      expect(readersOf(name).length > 0, name).toBe(isOfSaga(writer));
    expect(readersOf('orders.events')).toEqual(['inventory', 'payment', 'shipping']);
  });

  it('lets no service read what it wrote itself', () => {
    for (const group of groupNames) {
      for (const topic of groups[group]) expect(topics[topic].writer).not.toBe(group);
    }
  });
});

describe('personal data', () => {
  it.each(Object.values(topics))('is told by the fields of $name', ({ events, personalData }) => {
    const fields = events.flatMap((event) => schemaOf(event).fields);
    expect(fields.some((field) => field.personalData === true)).toBe(personalData);
  });

  it('is never kept', () => {
    for (const topic of Object.values(topics).filter(({ personalData }) => personalData)) {
      expect(topic.cleanup).not.toBe('kept');
      expect(topic.retentionMs).toBeLessThanOrEqual(7 * 24 * 60 * 60 * 1000);
    }
  });
});

describe("a topic's settings in Kafka's words", () => {
  it('keeps an event store for ever', () => {
    expect(topicConfig(topics['orders.events'])).toEqual({
      'cleanup.policy': 'delete',
      'retention.ms': '-1',
      'retention.bytes': '-1',
    });
  });

  it('keeps the newest of each key', () => {
    expect(topicConfig(topics['inventory.products'])).toEqual({ 'cleanup.policy': 'compact' });
  });

  it('forgets even the newest of each key where that is told', () => {
    const config = topicConfig(topics['orders.contacts']);
    expect(config).toMatchObject({ 'cleanup.policy': 'compact,delete', 'retention.ms': '604800000' });
  });

  it('forgets after a while', () => {
    const config = topicConfig(topics['outbox.events']);
    expect(config).toMatchObject({ 'cleanup.policy': 'delete', 'retention.ms': '604800000' });
  });
});

describe('dead letter topics', () => {
  it('are there for every topic that a group consumes', () => {
    const consumed = groupNames.flatMap((group) => groups[group].map((topic) => dlqTopic(topic, group)));
    expect(deadLetterTopics.map(({ name }) => name)).toEqual(consumed);
    expect(new Set(consumed).size).toBe(consumed.length);
  });

  it('are named after the topic and the group', () => {
    expect(dlqTopic('orders.events', 'payment')).toBe('orders.events.payment.dlq');
  });
});
