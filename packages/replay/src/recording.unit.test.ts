import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '@skald/command-line';
import { afterAll, describe, expect, it } from 'vitest';
import { recordOf, wayNames } from './example-records.ts';
import { readRecording, writeRecording } from './recording.ts';

const folder = mkdtempSync(join(tmpdir(), 'skald-recording-'));
const file = join(folder, 'recording.ndjson');
const orders = wayNames.map((way) => recordOf(way));
afterAll(() => rmSync(folder, { recursive: true }));

describe('A recording', () => {
  it('is read as it was written, the newest orders where there are too many', async () => {
    await writeRecording(file, orders);
    expect(await readRecording(file, 1_000)).toEqual(orders);
    expect(await readRecording(file, 2)).toEqual(orders.slice(-2));
  });

  it('that was cut off is refused', async () => {
    await writeRecording(file, orders);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    writeFileSync(file, lines.slice(0, -1).join('\n'));
    await expect(readRecording(file, 10)).rejects.toThrow(/is not whole/);
  });

  it('of something else is refused, and so is one that is not there', async () => {
    writeFileSync(file, '{"orderId":"1","events":[{"name":"OrderCreated"}]}\n');
    await expect(readRecording(file, 10)).rejects.toThrow(UsageError);
    await expect(readRecording(join(folder, 'none'), 10)).rejects.toThrow(/none can't be read/);
  });
});
