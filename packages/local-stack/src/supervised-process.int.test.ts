import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { StackError } from './errors.ts';
import { createPidFile } from './pid-file.ts';
import { reservePorts } from './ports.ts';
import { httpAnswers } from './probes.ts';
import { createSupervisedProcess, type SupervisedProcess } from './supervised-process.ts';

let directory = '';
let events: string[] = [];
let supervised: SupervisedProcess | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'skald-process-'));
  events = [];
});
afterEach(async () => {
  await supervised?.stop();
  rmSync(directory, { recursive: true });
});

/** Runs a program that finds its port in `port`. */
async function supervise(source: string): Promise<SupervisedProcess> {
  const reservation = await reservePorts(['test'], {});
  const port = reservation.ports['test'] ?? 0;
  const program = join(directory, 'program.cjs');
  writeFileSync(program, `const port = ${port};\n${source}`);
  supervised = createSupervisedProcess(
    {
      name: 'test',
      logFile: join(directory, 'test.log'),
      readyWithin: 20_000,
      stopSignal: 'SIGTERM',
      stopWithin: 300,
      answers: () => httpAnswers(`http://127.0.0.1:${port}/`),
      async command() {
        await reservation.releaseAll();
        return { file: process.execPath, arguments: [program] };
      },
    },
    {
      pidFile: createPidFile(join(directory, 'pids.json')),
      restart: true,
      onEvent: (line) => events.push(line),
    },
  );
  return supervised;
}

const server = "require('http').createServer((_, response) => response.end()).listen(port, '127.0.0.1');";

it('starts again what was killed', async () => {
  const test = await supervise(server);
  await test.start();
  const before = test.pid();
  await test.kill('SIGKILL');
  await test.ready();
  expect(test.pid()).not.toBe(before);
  expect(events[0]).toContain('test ended (SIGKILL); starting it again');
});

it('leaves down what was stopped, until it is started', async () => {
  const test = await supervise(server);
  await test.start();
  await test.stop();
  expect(test.pid()).toBeUndefined();
  await test.start();
  expect(test.pid()).toBeDefined();
});

it('kills what does not stop, even if it is paused', async () => {
  const test = await supervise(`process.on('SIGTERM', () => {}); ${server}`);
  await test.start();
  await test.kill('SIGSTOP');
  await test.stop();
  expect(test.pid()).toBeUndefined();
});

it('gives up on a program that never runs, and quotes its log', async () => {
  const test = await supervise("console.error('no such database'); process.exit(3)");
  const failure = await test.start().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StackError);
  expect(String(failure)).toContain('test ended (exit code 3)');
  expect(String(failure)).toContain('no such database');
  expect(String(failure)).toContain(join(directory, 'test.log'));
  expect(events.filter((line) => line.includes('starting it again'))).toHaveLength(2);
});

it('tries a wrong configuration once only', async () => {
  const test = await supervise('process.exit(78)');
  await expect(test.start()).rejects.toThrow('exit code 78');
  expect(events.filter((line) => line.includes('starting it again'))).toEqual([]);
});
