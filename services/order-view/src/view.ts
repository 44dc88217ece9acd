import {
  type EmailTemplate,
  type EventName,
  type OrderReadModel,
  topicOf,
  type ViewLine,
} from '@skald/contracts';
import type { EventInput } from '@skald/messaging';
import { journeyOf } from './journey.ts';
import { type Section, type SectionName, type Sections, sections } from './sections.ts';

/** An event as it was taken in: what a step of the saga left behind. */
export interface Happened {
  readonly event: EventName;
  /** Epoch ms: `ce_time`. */
  readonly at: number;
  readonly sequence: number;
  readonly partition: number | null;
  readonly offset: number | null;
  /** Of an event about a mail. */
  readonly template?: EmailTemplate;
}

/** All that is known of one order. Plain data: it is stored as JSON. */
export interface View extends Sections {
  readonly orderId: string;
  /** How many events it holds. */
  readonly version: number;
  /** In the order of arrival. */
  readonly happened: readonly Happened[];
}

const names = Object.keys(sections) as SectionName[];

export const emptyView = (orderId: string): View => ({
  orderId,
  version: 0,
  happened: [],
  ...(Object.fromEntries(names.map((name) => [name, sections[name].empty])) as unknown as Sections),
});

const sectionByEvent: ReadonlyMap<string, SectionName> = new Map(
  names.flatMap((name) => Object.keys(sections[name].on).map((event) => [event, name] as const)),
);

/** Whether some section is filled by it. */
export const isOfView = (event: string): boolean => sectionByEvent.has(event);

/** Whether the view holds the event already, as one that was built from the log may hold what its service has yet to read. */
export const holds = ({ happened }: View, { name, sequence }: EventInput): boolean => {
  const topic = topicOf(name);
  return happened.some((one) => one.sequence === sequence && topicOf(one.event) === topic);
};

/** The view with one more event. Pure; events of one topic come in their order, topics interleave as they like. */
export function fold(view: View, { name, data, time, sequence, place }: EventInput): View {
  const section = sectionByEvent.get(name);
  if (section === undefined) return view;
  const { on } = sections[section] as Section<unknown>;
  const make = on[name] as ((content: unknown, data: unknown) => unknown) | undefined;
  return {
    ...view,
    [section]: make?.(view[section], data) ?? view[section],
    version: view.version + 1,
    happened: [
      ...view.happened,
      {
        event: name,
        at: time,
        sequence,
        partition: place?.partition ?? null,
        offset: place?.offset ?? null,
        ...('template' in data && { template: data.template }),
      },
    ],
  };
}

/** What is published of it; undefined until the order itself is known. Depends on which events it holds, and on nothing else. */
export function modelOf(view: View): OrderReadModel | undefined {
  const { orderId, version, order, stock, payment, shipment, mails, happened } = view;
  const { placed, status, reason } = order;
  if (placed === undefined) return undefined;
  const lines = placed.lines.map(
    (line): ViewLine => ({
      ...line,
      reservation: stock.state,
      available: stock.shortages.find(({ sku }) => sku === line.sku)?.available ?? null,
    }),
  );
  const updatedAt = Math.max(...happened.map(({ at }) => at));
  return {
    orderId,
    version,
    status,
    reason,
    ...placed,
    lines,
    updatedAt,
    payment,
    shipment,
    mails,
    ...journeyOf(happened),
  };
}
