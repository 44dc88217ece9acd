import { type TopicName, topicOf, type Verdict } from '@skald/contracts';
import { type Consequences, type Judgement, nameIn } from './batch.ts';
import type { MessageItem } from './item.ts';

const words = {
  applied: 'applies',
  remembered: 'remembered',
  ignored: 'ignored',
  duplicate: 'duplicate',
  poison: 'fails',
} as const satisfies Record<Judgement['outcome'], Verdict['verdict']>;

/** What came, or would come, of a message, as an operator is told. */
export function verdictOf(item: MessageItem, judgement: Judgement): Verdict {
  const { events = [], effects = [] }: Consequences = 'decision' in judgement ? judgement.decision : {};
  const error = judgement.outcome === 'poison' ? judgement.error : undefined;
  return {
    ...identityOf(item),
    verdict: words[judgement.outcome],
    reason: judgement.outcome === 'ignored' ? judgement.reason : null,
    error: error === undefined ? null : { code: error.code, text: error.message },
    events: events.map(({ name, key, data }) => ({ name, topic: topicOf(name), key, data })),
    effects: effects.map(({ kind, id }) => ({ kind, id })),
  };
}

/** It comes behind one of its key that fails. */
export const notReached = (item: MessageItem): Verdict => ({
  ...identityOf(item),
  verdict: 'not-reached',
  reason: null,
  error: null,
  events: [],
  effects: [],
});

function identityOf(item: MessageItem): Pick<Verdict, 'topic' | 'partition' | 'offset' | 'event'> {
  const { topic, partition, offset, headers } = item.record;
  const event = nameIn(item) ?? headers['ce_type']?.toString().slice(0, 200) ?? null;
  return { topic: topic as TopicName, partition, offset, event };
}
