import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withFileLock } from './file-lock.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'skald-lock-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

it('lets one in at a time', async () => {
  const path = join(directory, 'lock');
  let inside = 0;
  let most = 0;
  const visit = () =>
    withFileLock(path, async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside--;
    });
  await Promise.all([visit(), visit(), visit()]);
  expect(most).toBe(1);
});

it('takes over from an owner that died, also if its pid is in use again', async () => {
  const path = join(directory, 'lock');
  writeFileSync(path, `${process.pid} a-start-of-another-process`);
  await expect(withFileLock(path, async () => 'in')).resolves.toBe('in');
});
