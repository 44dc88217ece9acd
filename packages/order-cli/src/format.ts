import type { Paint } from '@skald/command-line';
import type { Money, NextStep, Status } from './order.ts';

const formats = new Map<string, Intl.NumberFormat>();

/** `€49.90` */
export function moneyText({ amount, currency }: Money): string {
  const format = formats.get(currency) ?? new Intl.NumberFormat('en', { style: 'currency', currency });
  formats.set(currency, format);
  return format.format(amount / 100);
}

/** `183 ms`, `3.21 s`, `4 min`; – where there is none. */
export function spanText(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`;
  if (ms < 172_800_000) return `${Math.floor(ms / 3_600_000)} h`;
  return `${Math.floor(ms / 86_400_000)} days`;
}

/** Of an ISO 8601 time, in UTC as it is: `12:00:00.183` */
export const clockText = (at: string): string => at.slice(11, 23).replace('Z', '').padEnd(12, '0');

/** `payment: charge` */
export const stepText = ({ service, verb }: NextStep): string => `${service}: ${verb}`;

/** `orders.events/3@1042` */
export const whereText = (step: {
  readonly topic: string;
  readonly partition: number | null;
  readonly offset: number | null;
}): string =>
  step.partition === null || step.offset === null
    ? step.topic
    : `${step.topic}/${step.partition}@${step.offset}`;

const colours = { PENDING: 'yellow', CONFIRMED: 'green', CANCELLED: 'red' } as const;
const statuses = Object.keys(colours) as Status[];
/** Letters that tell them apart, also where a terminal has room for no more. */
const TELLING = 4;

/** Paints what begins with a status, or with the beginning of one. */
export function paintStatus(paint: Paint, text: string): string {
  const status = statuses.find((name) => text.startsWith(name.slice(0, TELLING)));
  return status === undefined ? text : paint(colours[status], text);
}

/** `CANCELLED, OUT_OF_STOCK` */
export const statusText = ({
  status,
  reason,
}: {
  readonly status: Status;
  readonly reason: string | null;
}): string => (reason === null ? status : `${status}, ${reason}`);
