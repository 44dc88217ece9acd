import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { awaitSupervisor, createPidFile, endLeftovers } from './pid-file.ts';

let path = '';
const children: ChildProcess[] = [];

beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'skald-pids-')), 'pids.json');
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(join(path, '..'), { recursive: true });
});

async function program(source: string): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, ['-e', `${source}; setInterval(() => {}, 1e6); console.log('up')`]);
  children.push(child);
  await once(child.stdout, 'data');
  if (child.pid === undefined) throw new Error('no pid');
  return Object.assign(child, { pid: child.pid });
}

it('ends what is left, by force what does not listen', async () => {
  const polite = await program('');
  const deaf = await program("process.on('SIGTERM', () => {})");
  const file = createPidFile(path);
  file.add('polite', polite.pid, 'SIGTERM');
  file.add('deaf', deaf.pid, 'SIGTERM');
  expect(await endLeftovers(path, 300)).toEqual(['polite', 'deaf']);
  await expect.poll(() => [polite.signalCode, deaf.signalCode]).toEqual(['SIGTERM', 'SIGKILL']);
  expect(existsSync(path)).toBe(false);
});

it('spares a process that was given the pid later', async () => {
  const bystander = await program('');
  createPidFile(path).add('order', bystander.pid, 'SIGTERM');
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/"started": "[^"]+"/g, '"started": "long ago"'));
  expect(await endLeftovers(path)).toEqual([]);
  expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
});

it('knows a supervisor that is alive, and waits for one that is stopping', async () => {
  const supervisor = await program('');
  createPidFile(path).markStopping();
  writeFileSync(path, readFileSync(path, 'utf8').replace(/"pid": \d+/, `"pid": ${supervisor.pid}`));
  // Its start is that of this process: for the file, the supervisor has died.
  expect(await awaitSupervisor(path)).toBeUndefined();
  createPidFile(path);
  expect(await awaitSupervisor(path)).toBe(process.pid);
});
