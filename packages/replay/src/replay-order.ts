import { readersOf, type ServiceName, type TopicName, topicOf, topics } from '@skald/contracts';
import type { Input } from '@skald/messaging';
import type { Asked, Handlers, Reaction, Said } from './handlers.ts';
import { createIds } from './ids.ts';
import { type OutsideWord, shelfOf, silentEffects, wordBehind } from './outside.ts';
import { type OrderState, participants } from './participants.ts';
import type { OrderRecord, RecordedEvent } from './recorded-event.ts';
import { createTimeline } from './timeline.ts';

/**
 * Whose events reach the readers.
 * - `record`: those that were recorded, to see what was made of them
 * - `rules`: those that the rules say themselves, to see where that leads
 */
export type Follow = 'record' | 'rules';

/** One input, and what a service made of it. */
export interface ReplayStep {
  /** Epoch ms. */
  readonly at: number;
  readonly service: ServiceName;
  readonly input: Pick<Input, 'kind' | 'name'>;
  /** Of an event that was recorded. */
  readonly event?: RecordedEvent | undefined;
  readonly reaction: Reaction | { readonly outcome: 'waits'; readonly reason: string };
  readonly before?: OrderState | undefined;
  readonly after?: OrderState | undefined;
}

export interface SaidEvent {
  readonly name: Said['name'];
  readonly topic: TopicName;
  /** Of its topic, as the rules count: 1, 2, 3. */
  readonly sequence: number;
  /** Epoch ms. */
  readonly at: number;
  readonly data: Said['data'];
  /** The one of the record that it is. */
  readonly recorded?: RecordedEvent | undefined;
}

export interface AskedEffect extends Asked {
  readonly service: ServiceName;
  /** The record tells how it ended. */
  readonly answered: boolean;
}

export interface OrderReplay {
  readonly steps: readonly ReplayStep[];
  readonly says: readonly SaidEvent[];
  readonly asks: readonly AskedEffect[];
}

export interface ReplayOptions {
  readonly follow: Follow;
  /** Nothing that happened later, epoch ms. */
  readonly until?: number;
}

interface Waiting {
  readonly at: number;
  readonly turn: number;
  readonly service: ServiceName;
  readonly input: Input;
  readonly event?: RecordedEvent | undefined;
}

/** What an input says, wherever it comes from. */
interface Told {
  readonly kind: Input['kind'];
  readonly name: string;
  readonly data: unknown;
  readonly sequence?: number;
}

/** An order has some thirty steps: rules that answer each other for ever are stopped. */
const MAX_STEPS = 1_000;

/** One order from its beginning: each input to the services' own handlers, in the order and at the times of the record. */
export async function replayOrder(
  record: OrderRecord,
  handlers: Handlers,
  { follow, until = Number.POSITIVE_INFINITY }: ReplayOptions,
): Promise<OrderReplay> {
  const { orderId } = record;
  const timeline = createTimeline(record);
  const ids = createIds(orderId);
  const correlationId = record.events[0]?.correlationId ?? orderId;
  const queue: Waiting[] = [];
  const steps: ReplayStep[] = [];
  const says: SaidEvent[] = [];
  const asks: AskedEffect[] = [];
  /** Topics of which a service has parked this order. */
  const parked = new Set<string>();
  const sequences = new Map<TopicName, number>();
  const unsaid = [...timeline.events];
  const answers = answersIn(record, timeline.events);
  let turn = 0;
  let now = 0;

  const enqueue = (at: number, service: ServiceName, what: Told, event?: RecordedEvent) => {
    turn += 1;
    const id = event?.id ?? ids.next(`${service} ${what.name}`, at);
    const { kind, name, data, sequence } = what;
    const arrival = { key: orderId, time: event?.time ?? at, id, correlationId };
    const input = { kind, name, data, ...(sequence !== undefined && { sequence }), ...arrival } as Input;
    queue.push({ at: Math.max(at, now), turn, service, input, event });
  };

  const deliver = ({ name, data, sequence, at, topic }: SaidEvent, recorded: RecordedEvent | undefined) => {
    for (const service of readersOf(topic)) {
      const readAt = recorded === undefined ? at : timeline.readAt(recorded, service);
      enqueue(readAt, service, { kind: 'event', name, data, sequence }, recorded);
    }
  };

  const tellOf = (word: OutsideWord, at: number) => enqueue(at, word.service, word);

  const say = ({ name, data }: Said) => {
    const topic = topicOf(name);
    const sequence = (sequences.get(topic) ?? 0) + 1;
    sequences.set(topic, sequence);
    const at = unsaid.findIndex((event) => event.name === name);
    const recorded = at < 0 ? undefined : unsaid.splice(at, 1)[0];
    const event: SaidEvent = { name, data, topic, sequence, at: now, recorded };
    says.push(event);
    // What was recorded is on its way already; what its topic has forgotten, or was never recorded, isn't.
    const isGone = recorded === undefined && topics[topic].cleanup !== 'kept';
    if (follow === 'rules' || isGone) deliver(event, recorded);
  };

  const ask = (service: ServiceName, effect: Asked) => {
    const isSilent = silentEffects.has(effect.kind);
    const answer = answers.get(`${service} ${effect.kind}`);
    asks.push({ ...effect, service, answered: isSilent || answer !== undefined });
    if (follow === 'record') return;
    if (isSilent) tellOf({ kind: 'outcome', service, name: effect.kind, data: null }, now);
    if (answer !== undefined) tellOf(answer.word, answer.at);
  };

  const react = async ({ service, input, event }: Waiting): Promise<ReplayStep['reaction']> => {
    const place = `${service} ${input.kind === 'event' ? topicOf(input.name) : ''}`;
    if (input.kind === 'event') {
      if (parked.has(place)) return { outcome: 'waits', reason: 'behind one of its topic that failed' };
      const unread = participants[service].reactor.unread?.[input.name];
      if (unread !== undefined) return { outcome: 'ignore', reason: unread };
      if (service === 'inventory' && input.name === 'OrderCreated') await handlers.shelve(shelfOf(record));
    }
    const newId = () => ids.next(`${service} ${input.name} ${event?.sequence ?? ''}`, now);
    const reaction = await handlers.react(service, input, { now, newId });
    if (reaction.outcome === 'poison' && input.kind === 'event') parked.add(place);
    if (reaction.outcome !== 'apply' && reaction.outcome !== 'remember') return reaction;
    for (const said of reaction.says) say(said);
    for (const effect of reaction.asks) ask(service, effect);
    return reaction;
  };

  for (const event of timeline.events) {
    const word = wordBehind(event, record);
    const isToldNow = word !== undefined && (follow === 'record' || word.kind === 'command');
    if (isToldNow) tellOf(word, timeline.saidAt(event));
    if (follow === 'rules') continue;
    for (const service of readersOf(event.topic)) {
      const { name, data, sequence } = event;
      enqueue(timeline.readAt(event, service), service, { kind: 'event', name, data, sequence }, event);
    }
  }
  for (;;) {
    const next = takeFirst(queue);
    if (next === undefined || next.at > until) break;
    if (steps.length === MAX_STEPS) throw new Error(`${orderId} does not come to an end`);
    now = next.at;
    const { at, service, input, event } = next;
    const before = handlers.stateOf(service);
    const reaction = await react(next);
    const after = handlers.stateOf(service);
    steps.push({
      at,
      service,
      input: { kind: input.kind, name: input.name },
      event,
      reaction,
      before,
      after,
    });
  }
  return { steps, says, asks };
}

function takeFirst(queue: Waiting[]): Waiting | undefined {
  let first: Waiting | undefined;
  for (const one of queue) {
    if (first === undefined || one.at < first.at || (one.at === first.at && one.turn < first.turn))
      first = one;
  }
  if (first !== undefined) queue.splice(queue.indexOf(first), 1);
  return first;
}

/** By service and effect: how it ended, and when that was published. */
function answersIn(record: OrderRecord, events: readonly RecordedEvent[]) {
  const answers = new Map<string, { readonly word: OutsideWord; readonly at: number }>();
  for (const event of events) {
    const word = wordBehind(event, record);
    if (word?.kind !== 'outcome') continue;
    const key = `${word.service} ${word.name}`;
    if (!answers.has(key)) answers.set(key, { word, at: event.time });
  }
  return answers;
}
