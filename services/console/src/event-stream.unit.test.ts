import type { Readable } from 'node:stream';
import { eventually } from '@skald/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { entry } from '../tests/given.ts';
import { createEventRing } from './event-ring.ts';
import { createEventStream } from './event-stream.ts';

const ring = createEventRing();
const stream = createEventStream(ring, { gatherMs: 1, heartbeatMs: 20 });
const opened: Readable[] = [];
afterEach(() => {
  for (const reader of opened.splice(0)) reader.destroy();
});

/** What a reader is told, as text. */
function read(lastPlace?: string) {
  const reader = stream.open(lastPlace);
  opened.push(reader);
  let text = '';
  reader.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return {
    reader,
    text: () => text,
    told: () => [...text.matchAll(/"offset":(\d+)/g)].map(([, at]) => Number(at)),
  };
}

const push = (...offsets: number[]) => {
  ring.push(offsets.map((offset) => entry(offset)));
  stream.notify();
};

describe('the stream of events', () => {
  it('tells all that comes, and goes on behind the last id that was heard', async () => {
    const first = read();
    push(1, 2);
    await eventually(() => first.told().length === 2);
    const id = /id: (\S+)\ndata: \[/.exec(first.text())?.[1];
    first.reader.destroy();
    push(3);
    const second = read(id);
    push(4);
    await eventually(() => second.told().length === 2);
    expect(second.told()).toEqual([3, 4]);
    expect(second.text()).not.toContain('event: reset');
  });

  it('says reset, with where to go on, to who names a place that is gone', async () => {
    const { text } = read('gone.7');
    await eventually(() => text().includes('event: reset'));
    expect(text()).toContain(`id: ${ring.end}`);
  });

  it('says that it is there while nothing happens', async () => {
    const { text } = read();
    await eventually(() => text().includes(': still here'));
  });

  it('cuts off who does not read what it is told', async () => {
    const reader = stream.open(undefined);
    opened.push(reader);
    const many = Array.from({ length: 2_000 }, (_, index) => index);
    await eventually(() => {
      push(...many);
      return reader.destroyed;
    });
    await eventually(() => stream.readers === 0);
  });

  it('lets in no more than it can tell', () => {
    for (let reader = 0; reader < 200; reader += 1) opened.push(stream.open(undefined));
    expect(() => stream.open(undefined)).toThrow(expect.objectContaining({ status: 503 }));
  });
});
