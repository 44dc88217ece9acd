import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLedgerFile } from './ledger-file.ts';
import type { Entry } from './simulator.ts';

const fault = (key: string): Entry => ({ entry: 'fault', key, at: 1 });

describe('a ledger file', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skald-ledger-'));
    path = join(folder, 'ledger.jsonl');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is made where there is none, and keeps what was appended, in order', async () => {
    const log = await openLedgerFile(path);
    expect(log.entries).toEqual([]);
    await Promise.all(['1', '2', '3'].map((key) => log.append(fault(key))));
    expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(4);
    await log.append(fault('ü'));
    await log.close();
    const again = await openLedgerFile(path);
    expect(again.entries).toEqual(['1', '2', '3', 'ü'].map(fault));
    await again.close();
  });

  it('loses a line that a crash tore, and no other', async () => {
    const log = await openLedgerFile(path);
    await log.append(fault('ü'));
    await log.close();
    await appendFile(path, '{"entry":"fau');
    const again = await openLedgerFile(path);
    expect(again.entries).toEqual([fault('ü')]);
    await again.append(fault('2'));
    await again.close();
    const third = await openLedgerFile(path);
    expect(third.entries).toEqual([fault('ü'), fault('2')]);
    await third.close();
  });

  it('confirms what is asked about only once all before it is on disk', async () => {
    const log = await openLedgerFile(path);
    void log.append(fault('1'));
    await log.flushed();
    expect(await readFile(path, 'utf8')).toContain('"1"');
    await log.close();
  });
});
