import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startOtlpReceiver } from '@skald/testkit';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';

const packageFolder = join(import.meta.dirname, '..');
const program = join(packageFolder, 'fixtures/sample-main.mjs');
const environment = { HTTP_PORT: '0', SAMPLE_SECRET: 'hunter2hunter2' };

interface Entry {
  level: string;
  msg: string;
  [field: string]: unknown;
}

interface Sample {
  readonly process: ChildProcess;
  readonly entries: Entry[];
  /** The first entry whose message begins so, once it is there. */
  said(start: string): Promise<Entry>;
  /** Exit code. */
  readonly ended: Promise<number | null>;
}

const running: Sample[] = [];

function start(variables: Record<string, string>): Sample {
  const process = spawn('node', [program], { env: variables, stdio: ['ignore', 'pipe', 'inherit'] });
  const entries: Entry[] = [];
  let rest = '';
  process.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    entries.push(...parts.map((line) => JSON.parse(line) as Entry));
  });
  const ended = once(process, 'close').then(([code]) => code as number | null);
  const find = (begin: string) => entries.find(({ msg }) => msg.startsWith(begin));
  const sample = {
    process,
    entries,
    ended,
    async said(begin: string) {
      await expect.poll(() => find(begin), { timeout: 10_000 }).toBeDefined();
      return find(begin) ?? { level: '', msg: '' };
    },
  };
  running.push(sample);
  return sample;
}

async function startListening(variables: Record<string, string> = {}): Promise<Sample & { url: string }> {
  const sample = start({ ...environment, ...variables });
  const { msg } = await sample.said('Listening at ');
  await sample.said('Started');
  return { ...sample, url: msg.replace('Listening at ', '') };
}

beforeAll(() => promisify(execFile)('npx', ['tsc', '-b', packageFolder]));
afterEach(async () => {
  for (const { process, ended } of running.splice(0)) {
    process.kill('SIGKILL');
    await ended;
  }
});

describe('a wrong configuration', () => {
  test('ends the process with 78, naming every variable and no value', async () => {
    const sample = start({ HTTP_PORT: 'http', SAMPLE_SECRET: 'hunter2', LOG_LEVEL: 'loud' });
    expect(await sample.ended).toBe(78);
    expect(sample.entries).toHaveLength(1);
    expect(sample.entries[0]).toMatchObject({ level: 'fatal', service: 'sample' });
    const text = JSON.stringify(sample.entries);
    for (const name of ['HTTP_PORT', 'SAMPLE_SECRET', 'LOG_LEVEL']) expect(text).toContain(name);
    expect(text).not.toMatch(/hunter2|loud/);
  });

  test('a secret can come from a file, and not from two places', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'skald-run-'));
    const file = join(folder, 'secret');
    writeFileSync(file, 'from-a-file\n');
    const sample = start({ HTTP_PORT: '0', SAMPLE_SECRET_FILE: file });
    const { msg } = await sample.said('Listening at ');
    const response = await fetch(`${msg.replace('Listening at ', '')}/secret-length`);
    expect(await response.json()).toEqual({ length: 'from-a-file'.length });
    const both = start({ ...environment, SAMPLE_SECRET_FILE: file });
    expect(await both.ended).toBe(78);
    expect(both.entries[0]?.msg).toContain('SAMPLE_SECRET and SAMPLE_SECRET_FILE are both given');
    rmSync(folder, { recursive: true });
  });

  test('a port that is taken ends the process with 1', async () => {
    const first = await startListening();
    const second = start({ ...environment, HTTP_PORT: new URL(first.url).port });
    expect(await second.ended).toBe(1);
    expect(second.entries[0]).toMatchObject({ level: 'fatal', err: { code: 'EADDRINUSE' } });
  });
});

describe('--openapi', () => {
  test('prints what the service answers, and nothing else; it is never started', async () => {
    const run = promisify(execFile);
    const { stdout } = await run('node', [program, '--openapi'], { env: environment });
    expect(JSON.parse(stdout)).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'Skald sample', description: expect.stringMatching(/^Does nothing\.\n/) as string },
      paths: { '/secret-length': { get: {} }, '/livez': { get: {} } },
    });
  });
});

describe('SIGTERM', () => {
  test('answers what is in flight, closes idle connections, stops the service, and ends with 0', async () => {
    const sample = await startListening();
    const idle = connect(Number(new URL(sample.url).port), '127.0.0.1');
    await once(idle, 'connect');
    const held = fetch(`${sample.url}/held`);
    await sample.said('held');

    sample.process.kill('SIGTERM');
    await sample.said('Stopping: SIGTERM');
    // A terminal and a parent both tell a process to stop: the second signal changes nothing.
    sample.process.kill('SIGINT');
    expect((await fetch(`${sample.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${sample.url}/secret-length`)).status).toBe(503);

    sample.process.kill('SIGUSR2');
    const response = await held;
    expect([response.status, response.headers.get('connection')]).toEqual([200, 'close']);
    expect(await response.json()).toEqual({ released: true });
    expect(await sample.ended).toBe(0);
    expect(sample.entries.map(({ msg }) => msg)).toContain('service stopped');
    await expect(fetch(`${sample.url}/livez`)).rejects.toThrow();
    idle.destroy();
  });

  test('tells answers that take as long as they take that the end is near', async () => {
    const sample = await startListening({ HTTP_REQUEST_TIMEOUT_MS: '100' });
    const told = fetch(`${sample.url}/until-the-end`);
    // Any other answer has its limit, and it is over by now.
    expect((await fetch(`${sample.url}/held`)).status).toBe(503);
    sample.process.kill('SIGTERM');
    expect(await (await told).json()).toEqual({ isOver: true });
    expect(await sample.ended).toBe(0);
  });

  test('cuts off a request that hangs, so that the service still stops in time', async () => {
    const sample = await startListening({ SHUTDOWN_TIMEOUT_MS: '900' });
    const held = fetch(`${sample.url}/held`).catch(() => 'cut off');
    await sample.said('held');
    sample.process.kill('SIGTERM');
    expect(await held).toBe('cut off');
    expect(await sample.ended).toBe(0);
    expect(sample.entries.map(({ msg }) => msg)).toContain('service stopped');
  });

  test.each([
    [
      'hangs',
      { SAMPLE_STOP: 'hangs', SHUTDOWN_TIMEOUT_MS: '300' },
      'Stopping took too long: the service hangs',
    ],
    ['throws', { SAMPLE_STOP: 'throws' }, 'Stopping failed: the service'],
  ])('ends with 1 if the service %s, and says so', async (_name, variables, message) => {
    const sample = await startListening(variables);
    sample.process.kill('SIGTERM');
    expect(await sample.ended).toBe(1);
    expect(sample.entries.map(({ msg }) => msg)).toContain(message);
  });
});

test.each([
  ['the service fails', '/fail', 'the consumer is wedged'],
  ['a rejection is not handled', '/forget', 'forgotten'],
])(
  'when %s, it is logged, the service is stopped, and the process ends with 1',
  async (_name, path, message) => {
    const sample = await startListening();
    await fetch(sample.url + path, { method: 'POST' });
    expect(await sample.ended).toBe(1);
    expect(sample.entries.find(({ level }) => level === 'fatal')).toMatchObject({ err: { message } });
    expect(sample.entries.map(({ msg }) => msg)).toContain('service stopped');
  },
);

describe('tracing', () => {
  test('sends a span for each request, within the trace of its caller, and the last ones at the end', async () => {
    const receiver = await startOtlpReceiver();
    const sample = await startListening({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    const [traceId, parentId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
    const response = await fetch(`${sample.url}/secret-length`, {
      headers: { traceparent: `00-${traceId}-${parentId}-01` },
    });
    expect(response.status).toBe(200);
    await fetch(`${sample.url}/livez`);
    sample.process.kill('SIGTERM');
    expect(await sample.ended).toBe(0);
    expect(receiver.paths).toEqual(['/v1/traces']);
    const spanId = expect.stringMatching(/^[0-9a-f]{16}$/);
    expect(receiver.spans).toEqual([
      { service: 'sample', name: 'GET /secret-length', traceId, spanId, parentId },
    ]);
    receiver.close();
  });

  test('to nowhere costs a warning, and stops nothing', async () => {
    const sample = await startListening({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' });
    expect((await fetch(`${sample.url}/secret-length`)).status).toBe(200);
    sample.process.kill('SIGTERM');
    expect(await sample.ended).toBe(0);
    expect(sample.entries.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });
});
