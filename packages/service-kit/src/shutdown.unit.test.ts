import { describe, expect, test } from 'vitest';
import { createLogger } from './log.ts';
import { createShutdown } from './shutdown.ts';

function create(timeout = 5_000) {
  const lines: string[] = [];
  const logger = createLogger('sample', 'info', { write: (line) => lines.push(line) });
  let end: (code: number) => void = () => {};
  const ended = new Promise<number>((resolve) => {
    end = resolve;
  });
  return { shutdown: createShutdown(timeout, logger, end), ended, lines };
}

describe('the process ends', () => {
  test('with 0 after its parts were stopped, the last one first', async () => {
    const { shutdown, ended } = create();
    const stopped: string[] = [];
    for (const name of ['tracing', 'service', 'HTTP'])
      shutdown.add(name, async () => void stopped.push(name));
    shutdown.begin('SIGTERM');
    shutdown.begin('SIGINT');
    expect(await ended).toBe(0);
    expect(stopped).toEqual(['HTTP', 'service', 'tracing']);
  });

  test('with 1 after an error, and stops its parts all the same', async () => {
    const { shutdown, ended, lines } = create();
    let isStopped = false;
    shutdown.add('service', async () => {
      isStopped = true;
    });
    shutdown.begin('the service failed', new Error('wedged'));
    expect(await ended).toBe(1);
    expect(isStopped).toBe(true);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'fatal', err: { message: 'wedged' } });
  });

  test('with 1 when a part fails to stop, and stops the others', async () => {
    const { shutdown, ended, lines } = create();
    let isStopped = false;
    shutdown.add('tracing', async () => {
      isStopped = true;
    });
    shutdown.add('service', async () => Promise.reject(new Error('no way')));
    shutdown.begin('SIGTERM');
    expect(await ended).toBe(1);
    expect(isStopped).toBe(true);
    expect(lines.join('')).toContain('Stopping failed: service');
  });

  test('with 1 when a part hangs, and names it', async () => {
    const { shutdown, ended, lines } = create(20);
    shutdown.add('service', () => new Promise(() => {}));
    shutdown.begin('SIGTERM');
    expect(await ended).toBe(1);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ level: 'fatal', hung: 'service' });
  });
});
