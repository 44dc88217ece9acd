import { type ServiceName, serviceNames, type TopicName, topics } from '@skald/contracts';
import { createPureHandlers } from './handlers.ts';
import type { Moment } from './options.ts';
import type { OrderState } from './participants.ts';
import { type OrderRecord, placeOf, type RecordedEvent } from './recorded-event.ts';
import { type ReplayStep, replayOrder } from './replay-order.ts';
import { createTimeline } from './timeline.ts';

/** What a replay of one order tells, as `--order … --json` prints it. Times are ISO 8601. */
export interface OrderStory {
  readonly orderId: string;
  readonly begunAt: string;
  readonly until: string | null;
  /** What lies in the topics, up to then. */
  readonly events: readonly StoryEvent[];
  readonly steps: readonly StoryStep[];
  readonly states: Readonly<Record<ServiceName, OrderState>>;
  /** Where the topics and the rules don't say the same. */
  readonly doubts: readonly string[];
}

/** A record of a topic; the ids and the sequence are of its headers. */
export interface StoryEvent
  extends Pick<
    RecordedEvent,
    'name' | 'data' | 'topic' | 'partition' | 'offset' | 'sequence' | 'id' | 'correlationId' | 'causationId'
  > {
  readonly at: string;
}

export interface StoryStep {
  readonly at: string;
  readonly service: ServiceName;
  /** `command` and `outcome` aren't recorded: they are told by what was published because of them. */
  readonly kind: ReplayStep['input']['kind'];
  readonly name: string;
  readonly topic: TopicName | null;
  readonly partition: number | null;
  readonly offset: number | null;
  readonly sequence: number | null;
  readonly before: OrderState;
  readonly after: OrderState;
  readonly outcome: ReplayStep['reaction']['outcome'];
  /** Of what was ignored, waits, or is poison. */
  readonly reason: string | null;
  readonly publishes: readonly string[];
  readonly asksFor: readonly string[];
}

/** The order begins later than the moment that was asked for. */
export class NotBegun extends Error {}

/** Folds what was recorded of an order with the services' own rules. Throws NotBegun. */
export async function tellStory(record: OrderRecord, moment?: Moment): Promise<OrderStory> {
  const timeline = createTimeline(record);
  const [first] = timeline.events;
  if (first === undefined) throw new NotBegun(`Nothing was recorded of ${record.orderId}`);
  const begunAt = timeline.saidAt(first);
  const until = untilOf(moment, begunAt);
  if (until < begunAt) {
    throw new NotBegun(
      `${record.orderId} begins at ${iso(begunAt)}: at ${iso(until)} there was nothing of it`,
    );
  }
  const events = timeline.events.filter((event) => timeline.saidAt(event) <= until);
  const customerId = events.flatMap(({ name, data }) =>
    name === 'OrderCreated' ? [data.customerId] : [],
  )[0];
  const handlers = createPureHandlers(record.orderId, customerId ?? '');
  const replay = await replayOrder({ ...record, events }, handlers, { follow: 'record', until });
  const said = new Set(replay.says.map(({ recorded }) => recorded?.id));
  const states = serviceNames.map((service) => [service, handlers.stateOf(service) ?? { state: 'none' }]);
  return {
    orderId: record.orderId,
    begunAt: iso(begunAt),
    until: Number.isFinite(until) ? iso(until) : null,
    events: events.map((event) => toldOf(event, timeline.saidAt(event))),
    steps: replay.steps.map(stepOf),
    states: Object.fromEntries(states) as OrderStory['states'],
    doubts: [
      ...events
        .filter(({ id }) => !said.has(id))
        .map((event) => `${placeOf(event)} ${event.name}: the rules, as they are here, don't say it`),
      ...replay.says
        .filter(({ topic, recorded }) => recorded === undefined && topics[topic].cleanup === 'kept')
        .map(({ name, topic }) => `${topic} ${name}: the rules say it, but it is not on the topic`),
    ],
  };
}

function toldOf(event: RecordedEvent, at: number): StoryEvent {
  const { name, topic, partition, offset, sequence, id, correlationId, causationId, data } = event;
  return { at: iso(at), name, topic, partition, offset, sequence, id, correlationId, causationId, data };
}

function untilOf(moment: Moment | undefined, begunAt: number): number {
  if (moment === undefined) return Number.POSITIVE_INFINITY;
  return 'at' in moment ? moment.at : begunAt + moment.afterMs;
}

function stepOf({ at, service, input, event, reaction, before, after }: ReplayStep): StoryStep {
  const known = { state: 'unknown' };
  return {
    at: iso(at),
    service,
    kind: input.kind,
    name: input.name,
    topic: event?.topic ?? null,
    partition: event?.partition ?? null,
    offset: event?.offset ?? null,
    sequence: event?.sequence ?? null,
    before: before ?? known,
    after: after ?? known,
    outcome: reaction.outcome,
    reason: reasonOf(reaction),
    publishes: 'says' in reaction ? reaction.says.map(({ name }) => name) : [],
    asksFor: 'asks' in reaction ? reaction.asks.map(({ kind }) => kind) : [],
  };
}

function reasonOf(reaction: ReplayStep['reaction']): string | null {
  if (reaction.outcome === 'poison') return `${reaction.code}: ${reaction.text}`;
  return 'reason' in reaction ? reaction.reason : null;
}

const iso = (at: number): string => new Date(at).toISOString();
