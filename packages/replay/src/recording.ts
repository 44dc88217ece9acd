import { createReadStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { UsageError } from '@skald/command-line';
import { z } from 'zod';
import type { OrderRecord } from './recorded-event.ts';

/** The first line of a recording, and of what a checkout's handlers are told. */
const FORMAT = 'skald-recording';
const VERSION = 1;

const headSchema = z.object({ format: z.literal(FORMAT), version: z.literal(VERSION) });
const endSchema = z.object({ end: z.literal(true), orders: z.int().min(0) });
/** As far as a replay leans on it: the events' data is the business of their readers. */
const orderSchema = z.object({
  orderId: z.string().min(1),
  events: z
    .array(
      z.object({
        name: z.string(),
        data: z.record(z.string(), z.unknown()),
        key: z.string(),
        topic: z.string(),
        partition: z.int(),
        offset: z.int(),
        timestamp: z.number(),
        time: z.number(),
        id: z.string(),
        sequence: z.int(),
        correlationId: z.string(),
        causationId: z.string(),
      }),
    )
    .min(1),
});

/** A line of JSON for each order, between a head and an end: what was cut off is seen. */
export function* linesOf(orders: readonly OrderRecord[]): Generator<string> {
  yield JSON.stringify({ format: FORMAT, version: VERSION });
  for (const order of orders) yield JSON.stringify(order);
  yield JSON.stringify({ end: true, orders: orders.length });
}

/** Aside, then renamed: a recording that is there is whole. */
export async function writeRecording(path: string, orders: readonly OrderRecord[]): Promise<void> {
  const aside = `${path}.new`;
  try {
    const file = await open(aside, 'w', 0o600);
    try {
      for (const line of linesOf(orders)) await file.write(`${line}\n`);
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (cause) {
    throw new UsageError(`--record: ${path} can't be written: ${(cause as Error).message}`, { cause });
  }
}

/** The newest `limit` orders of the file. Throws a UsageError for what is no whole recording. */
export async function readRecording(path: string, limit: number): Promise<OrderRecord[]> {
  const orders: OrderRecord[] = [];
  let isWhole = false;
  try {
    for await (const line of createInterface({ input: createReadStream(path) })) {
      const read = readLine(line);
      if (read === 'end') isWhole = true;
      else if (read !== 'head') orders.push(read);
    }
  } catch (cause) {
    throw new UsageError(`--recording: ${path} can't be read: ${(cause as Error).message}`, { cause });
  }
  if (!isWhole) throw new UsageError(`--recording: ${path} is not whole: it has no end`);
  return orders.slice(-limit);
}

/** Throws an Error for what is no line of a recording. */
export function readLine(line: string): OrderRecord | 'head' | 'end' {
  const value: unknown = JSON.parse(line);
  if (headSchema.safeParse(value).success) return 'head';
  if (endSchema.safeParse(value).success) return 'end';
  const order = orderSchema.safeParse(value);
  if (!order.success) throw new Error(`a line of it is no order: ${z.prettifyError(order.error)}`);
  // What an event's name says of its data, its schema has said when it was recorded.
  return order.data as unknown as OrderRecord;
}
