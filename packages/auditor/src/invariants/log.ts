import { readersOf, type TopicName, topics } from '@skald/contracts';
import type { Case } from '../case.ts';
import type { Chain } from '../evidence/chains.ts';
import { placeOf } from '../evidence/evidence.ts';
import { type Check, createFinding } from './violation.ts';

const all = Object.values(topics);
const nameOf = ({ topic, key }: Pick<Chain, 'topic' | 'key'>): string => `${topic} ${key}`;
const atOf = ({ topic, partition }: Chain, offset: number | undefined): string =>
  `${topic}/${partition}@${offset}`;

/**
 * 10. For each key of a topic `ce_sequence` rises without a gap, duplicates aside; a key stays in its partition. In one
 * topic: at all times. Where older records are deleted a chain may begin late, and where they are compacted, have gaps.
 */
export const sequencesRise: Check = ({ evidence: { chains, strays, starts } }) => {
  const finding = createFinding(10);
  for (const { name, cleanup } of all) {
    for (const chain of chains.in(name)) {
      finding.look(chain.heard.length + chain.repeated);
      for (const { kind, says, offset } of chain.flaws)
        finding.blame(nameOf(chain), `${says} (${atOf(chain, offset)})`, kind);
      if (cleanup === 'compact') continue;
      const begins = cleanup === 'delete' || starts.has(`${name}/${chain.partition}`);
      let last = begins ? (chain.heard[0]?.sequence ?? 1) - 1 : 0;
      for (const { sequence, offset } of chain.heard) {
        if (sequence > last + 1)
          finding.blame(nameOf(chain), `${last} is followed by ${sequence} (${atOf(chain, offset)})`, 'lost');
        last = Math.max(last, sequence);
      }
    }
  }
  for (const { topic, key, partition, offset, why } of strays)
    finding.blame(`${topic} ${key}`, `${topic}/${partition}@${offset} can't be read: ${why}`);
  return finding.done();
};

/**
 * 15. What a relay that was paused sends late is old news: no record reorders its key (as in 10), and in a compacted topic
 * it never becomes the newest value. In one topic: at all times.
 */
export const lateRecordsChangeNothing: Check = ({ evidence: { chains } }) => {
  const finding = createFinding(15);
  for (const { name, cleanup } of all) {
    for (const chain of chains.in(name)) {
      finding.look(chain.repeated + (cleanup === 'compact' ? 1 : 0));
      if (cleanup === 'compact' && chain.last !== chain.newest)
        finding.blame(
          nameOf(chain),
          `its last record is ${chain.last}, ${chain.newest} was there before`,
          'reordered',
        );
    }
  }
  return finding.done();
};

/** Between a decision's clock and its outbox entry's, ms. */
const HORIZON_MARGIN_MS = 5_000;

/**
 * 9. Event ids on the topics = committed outbox ids, as far back as outboxes reach; and beyond: what a writer has given
 * out is there, and nothing else. What is not acknowledged yet is in flight.
 */
export const outboxIsOnTopics: Check = (it) => {
  const finding = createFinding(9);
  const { outboxes, chains, impostors, kernels } = it.evidence;
  for (const { place, key, says } of impostors) finding.blame(key, `${says} (${place})`);
  for (const [service, { low, unpublished, firstPosition, firstAt, events }] of outboxes) {
    finding.look(events);
    for (const { position, topic, key, sequence, createdAt } of unpublished) {
      if (position > low || it.isIgnored(sourceTopic(topic), key) || isExpired(it, topic, createdAt))
        continue;
      const says = `${sequence} was committed and acknowledged (position ${position} of ${service}), and is not there`;
      if (!isSuperseded(it, topic, key, sequence)) finding.blame(`${topic} ${key}`, says, 'lost');
    }
    const horizon = firstPosition === 1 ? 0 : firstAt + HORIZON_MARGIN_MS;
    for (const { name } of all.filter(({ writer }) => writer === service)) {
      for (const chain of chains.in(name)) judgeChain(chain, horizon);
      judgeGivenOut(name);
    }

    function judgeChain(chain: Chain, from: number): void {
      finding.look(chain.heard.length);
      for (const { sequence, at, offset, isInOutbox } of chain.heard) {
        if (at > from && !isInOutbox)
          finding.blame(nameOf(chain), `${sequence} was never committed (${atOf(chain, offset)})`);
      }
      const given =
        it.evidence.second.published.get(placeOf(chain.topic, chain.key)) ??
        it.published(service, chain.topic, chain.key);
      if (given !== undefined && chain.newest > given)
        finding.blame(nameOf(chain), `${chain.newest} is there, ${service} has given out ${given}`);
    }

    function judgeGivenOut(topic: TopicName): void {
      const kernel = kernels.get(service);
      const ordinal = kernel?.ordinals.get(topic) ?? -1;
      if (kernel === undefined || topics[topic].cleanup !== 'kept') return;
      for (const [key, { published }] of kernel.inbox) {
        const given = published[ordinal] ?? 0;
        const chain = chains.of(topic, key);
        const there = chain?.newest ?? 0;
        if (given <= there || it.isIgnored(topic, key)) continue;
        const waiting = unpublished.filter((event) => event.topic === topic && event.key === key).length;
        const lost = given - there - waiting;
        if (lost > 0 && !beginsLate(it, topic))
          finding.blame(
            `${topic} ${key}`,
            `${given} were given out, ${there} are there, ${waiting} wait`,
            'lost',
          );
      }
    }
  }
  return finding.done();
};

/** `orders.events.payment.dlq` is about what foreign records lie in the topic before it. */
const sourceTopic = (topic: string): string =>
  all.find(({ name }) => topic.startsWith(`${name}.`))?.name ?? topic;

const DAY_MS = 24 * 60 * 60 * 1000;
const DLQ_KEPT_MS = 14 * DAY_MS;

/** Deleted by now, or about to be. */
function isExpired({ evidence: { takenAt } }: Case, topic: string, createdAt: number): boolean {
  const keptMs = topic in topics ? topics[topic as TopicName].retentionMs : DLQ_KEPT_MS;
  return keptMs !== undefined && createdAt < takenAt - keptMs + DAY_MS;
}

/** A newer version of its key has made it go. */
function isSuperseded({ evidence: { chains } }: Case, topic: string, key: string, sequence: number): boolean {
  if (topics[topic as TopicName]?.cleanup !== 'compact') return false;
  return (chains.of(topic as TopicName, key)?.newest ?? 0) > sequence;
}

/** Some partition of a kept topic has lost its beginning: which keys were in it, nobody knows. */
const beginsLate = ({ evidence: { starts } }: Case, topic: string): boolean =>
  [...starts.keys()].some((place) => place.startsWith(`${topic}/`));

/** Events that come once for each template, not once for each order. */
const oneEachTemplate = new Set(['EmailNotification', 'MailSent', 'MailUnknown']);
/** Events that come as often as something changes. */
const many = new Set(['ProductListed', 'OrderContact', 'OrderReadModel']);

/**
 * 11. Each consumer applies each event once: no inbox is ahead of its topic, no step was taken twice, and an order's
 * history holds each event that the inbox beside it has applied. At all times.
 */
export const eachEventIsAppliedOnce: Check = (it) => {
  const finding = createFinding(11);
  const { chains, business, starts, letters } = it.evidence;
  for (const { name, cleanup } of all) {
    for (const chain of chains.in(name)) {
      const once = new Set<string>();
      for (const heard of chain.heard) {
        if (many.has(heard.name)) continue;
        const template = oneEachTemplate.has(heard.name) ? ` ${heard.fact?.split(' ')[0]}` : '';
        const step = heard.name + template;
        if (once.has(step))
          finding.blame(nameOf(chain), `${step} happened twice (${atOf(chain, heard.offset)})`, 'duplicated');
        once.add(step);
      }
      if (cleanup !== 'kept' || starts.has(`${name}/${chain.partition}`)) continue;
      for (const service of readersOf(name)) {
        finding.look();
        const applied = it.applied(service, name, chain.key);
        if (applied > chain.newest)
          finding.blame(nameOf(chain), `${service} has applied ${applied} of ${chain.newest}`);
      }
    }
  }
  // One that an operator took in though those before it are missing leaves a hole in the history.
  const mended = new Set([...letters.values()].map(({ key }) => key));
  for (const [id, { history }] of business.orders) {
    if (mended.has(id)) continue;
    for (const { name, key } of all.filter((topic) => readersOf(topic.name).includes('order'))) {
      if (key !== 'orderId') continue;
      const applied = it.applied('order', name, id);
      const { count = 0, newest = 0 } = history[name] ?? {};
      if (count === applied && newest === applied) continue;
      finding.blame(
        id,
        `its history has ${count} of ${applied} events of ${name}`,
        count < applied ? 'lost' : 'wrong',
      );
    }
  }
  return finding.done();
};
