import { isDeepStrictEqual } from 'node:util';
import type { OrderAnswer } from './answer.ts';
import { byName, isObject, reorderedLists } from './named-lists.ts';
import type { OrderRecord } from './recorded-event.ts';

/** One thing that isn't the same. `path`: which field, or row, of it; '' for all of it. */
export interface Difference {
  readonly kind: 'event' | 'order of events' | 'effect' | 'parked' | 'state' | 'read model';
  /** orders.events OrderConfirmed; payment charge; payment.payments; OrderReadModel */
  readonly what: string;
  readonly change: 'missing' | 'added' | 'changed';
  readonly path: string;
  readonly here: unknown;
  readonly there: unknown;
}

export interface OrderDifference {
  readonly orderId: string;
  readonly differences: readonly Difference[];
}

interface Named {
  readonly what: string;
  readonly value: unknown;
}

type Kind = Difference['kind'];

/** What another checkout would have made otherwise of an order. Empty where it is the same. */
export function compareAnswers(here: OrderAnswer, there: OrderAnswer): Difference[] {
  return [
    ...compareNamed('event', eventsOf(here), eventsOf(there)),
    ...compareOrder(here, there),
    ...compareNamed('effect', effectsOf(here), effectsOf(there)),
    ...compareNamed('parked', parkedIn(here), parkedIn(there)),
    ...compareNamed('state', rowsOf(here), rowsOf(there)),
    ...compareModels(here, there),
  ];
}

const eventsOf = ({ events }: OrderAnswer): Named[] =>
  events.map(({ topic, name, data }) => ({ what: `${topic} ${name}`, value: data }));

const effectsOf = ({ effects }: OrderAnswer): Named[] =>
  effects.map(({ service, kind, ...value }) => ({ what: `${service} ${kind}`, value }));

const parkedIn = ({ parked }: OrderAnswer): Named[] =>
  parked.map(({ service, input, ...value }) => ({ what: `${service} ${input}`, value }));

const rowsOf = ({ states }: OrderAnswer): Named[] =>
  Object.entries(states).flatMap(([service, tables]) =>
    Object.entries(tables).flatMap(([table, rows]) =>
      rows.map((value) => ({ what: `${service}.${table}`, value })),
    ),
  );

const READ_MODEL = { kind: 'read model', what: 'OrderReadModel' } as const;

/** What its lists hold has a name there, not a number: one step more is one difference, and not one for each step behind it. */
function compareModels({ readModel: here }: OrderAnswer, { readModel: there }: OrderAnswer): Difference[] {
  const named = (model: OrderAnswer['readModel']): Named[] =>
    model === null ? [] : [{ what: READ_MODEL.what, value: byName(model) }];
  return [
    ...compareNamed(READ_MODEL.kind, named(here), named(there)),
    ...reorderedLists(here ?? {}, there ?? {}).map((list) => ({
      ...READ_MODEL,
      change: 'changed' as const,
      ...list,
    })),
  ];
}

/** What is the same on both sides aside, the n-th of a name here with the n-th there. */
function compareNamed(kind: Kind, here: readonly Named[], there: readonly Named[]): Difference[] {
  const names = [...new Set([...here, ...there].map(({ what }) => what))];
  return names.flatMap((what) => {
    const theirs = there.filter((one) => one.what === what);
    const ours = here.filter((one) => one.what === what && !takeSame(theirs, one));
    const count = Math.max(ours.length, theirs.length);
    return Array.from({ length: count }, (_, at) => comparePair({ kind, what }, ours[at], theirs[at])).flat();
  });
}

/** Takes one of the same value away. */
function takeSame(from: Named[], wanted: Named): boolean {
  const at = from.findIndex(({ value }) => isDeepStrictEqual(value, wanted.value));
  if (at >= 0) from.splice(at, 1);
  return at >= 0;
}

function comparePair(
  about: Pick<Difference, 'kind' | 'what'>,
  here: Named | undefined,
  there: Named | undefined,
): Difference[] {
  const whole = { ...about, path: '', here: here?.value ?? null, there: there?.value ?? null };
  if (here === undefined) return [{ ...whole, change: 'added' }];
  if (there === undefined) return [{ ...whole, change: 'missing' }];
  return fieldDifferences(here.value, there.value).map((field) => ({
    ...about,
    change: 'changed',
    ...field,
  }));
}

type Field = Pick<Difference, 'path' | 'here' | 'there'>;

function fieldDifferences(here: unknown, there: unknown, path = ''): Field[] {
  if (isDeepStrictEqual(here, there)) return [];
  if (!isObject(here) || !isObject(there) || Array.isArray(here) !== Array.isArray(there))
    return [{ path, here: here ?? null, there: there ?? null }];
  const names = [...new Set([...Object.keys(here), ...Object.keys(there)])];
  return names.flatMap((name) =>
    fieldDifferences(here[name], there[name], path === '' ? name : `${path}.${name}`),
  );
}

/** Within a topic alone: nothing keeps the order between two. */
function compareOrder(here: OrderAnswer, there: OrderAnswer): Difference[] {
  const topics = [...new Set(here.events.map(({ topic }) => topic))];
  return topics.flatMap((topic): Difference[] => {
    const ours = namesIn(topic, here);
    const theirs = namesIn(topic, there);
    const isSameSet = isDeepStrictEqual([...ours].sort(), [...theirs].sort());
    if (!isSameSet || isDeepStrictEqual(ours, theirs)) return [];
    return [{ kind: 'order of events', what: topic, change: 'changed', path: '', here: ours, there: theirs }];
  });
}

const namesIn = (topic: string, { events }: Pick<OrderAnswer, 'events'>): string[] =>
  events.filter((event) => event.topic === topic).map(({ name }) => name);

/**
 * Does the replay say what was recorded, as far as that goes? Where two services raced, or a rule has changed since, it may
 * take another turn: both checkouts take it, so that it makes no difference between them.
 */
export const isAsRecorded = ({ events: recorded }: OrderRecord, answer: OrderAnswer): boolean =>
  [...new Set(recorded.map(({ topic }) => topic))].every((topic) => {
    const names = recorded
      .filter((event) => event.topic === topic)
      .sort((a, b) => a.sequence - b.sequence)
      .map(({ name }) => name);
    return isDeepStrictEqual(namesIn(topic, answer).slice(0, names.length), names);
  });
