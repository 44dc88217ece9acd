import { describe, expect, test } from 'vitest';
import { createLogger, type LogLevel } from './log.ts';

interface Entry {
  time?: string;
  err?: { stack?: string; cause?: unknown };
  reason?: unknown;
  loop?: unknown;
}

function createRecorder(level?: LogLevel) {
  const lines: string[] = [];
  const logger = createLogger('order', level, { write: (line) => lines.push(line) });
  return { logger, lines, entry: () => JSON.parse(lines.at(-1) ?? '{}') as Entry };
}

describe('an entry', () => {
  test('is a line of JSON with the level in words, the service and its bindings', () => {
    const { logger, lines, entry } = createRecorder();
    logger.child({ orderId: 'o-1', traceId: 't-1', correlationId: 'c-1' }).info({ attempt: 2 }, 'Charged');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/\}\n$/);
    expect(entry()).toMatchObject({
      level: 'info',
      service: 'order',
      orderId: 'o-1',
      traceId: 't-1',
      correlationId: 'c-1',
      attempt: 2,
      msg: 'Charged',
    });
    expect(new Date(String(entry().time)).getTime()).toBeGreaterThan(0);
  });

  test('below the level is not written', () => {
    const { logger, lines } = createRecorder('warn');
    logger.info('quiet');
    expect(lines).toEqual([]);
  });
});

describe('personal data and secrets', () => {
  test.each([
    'email',
    'name',
    'street',
    'city',
    'postalCode',
    'address',
    'password',
    'paymentMethod',
    'DATABASE_URL',
  ])('%s is masked at any depth, in arrays and in bindings', (field) => {
    const { logger, lines } = createRecorder();
    logger.info({ [field]: 'Ragnar', order: { contacts: [{ deep: { [field]: 'Ragnar' } }] } });
    logger.child({ [field]: 'Ragnar' }).info('bound');
    logger
      .child({})
      .child({ customer: { [field]: 'Ragnar' } })
      .info('bound deeper');
    expect(lines).toHaveLength(3);
    expect(lines.join('')).not.toContain('Ragnar');
  });

  test('addresses and credentials within texts are masked', () => {
    const { logger, lines } = createRecorder();
    logger.error(new Error('550 ragnar@kattegat.example is unknown'));
    logger.error({ err: new Error('boom', { cause: new Error('to ragnar@kattegat.example') }) }, 'mail');
    logger.warn('connecting to postgres://order:hunter2@db:5432/orders');
    expect(lines.join('')).not.toMatch(/ragnar|hunter2/);
    expect(lines[2]).toContain('db:5432/orders');
  });

  test('packages in a stack are not taken for addresses', () => {
    const { logger, lines } = createRecorder();
    logger.info({ at: '/node_modules/.pnpm/fastify@5.12.8/node_modules/fastify/lib/route.js:1:1' });
    expect(lines[0]).toContain('fastify@5.12.8');
  });

  test('a masked object itself is left as it was', () => {
    const { logger } = createRecorder();
    const contact = { email: 'ragnar@kattegat.example' };
    logger.info({ contact });
    expect(contact.email).toBe('ragnar@kattegat.example');
  });
});

describe('an error', () => {
  test('says what it is, and nothing of what a driver hung on it', () => {
    const { logger, entry } = createRecorder();
    const fault = Object.assign(new Error('duplicate key value'), {
      code: '23505',
      detail: 'Key (email)=(ragnar@kattegat) already exists.',
      constraint: 'customers_email_key',
    });
    logger.error({ err: new Error('not saved', { cause: fault }) }, 'Save failed');
    const { err } = entry();
    expect(err).toMatchObject({ type: 'Error', message: 'not saved' });
    expect(err?.stack).toContain('log.unit.test.ts');
    expect(err?.cause).toMatchObject({ code: '23505', constraint: 'customers_email_key' });
    expect(JSON.stringify(err)).not.toContain('ragnar');
  });

  test('is readable under any name and as an aggregate; cycles end', () => {
    const { logger, entry } = createRecorder();
    const loop: { self?: unknown } = {};
    loop.self = loop;
    logger.error({ reason: new AggregateError([new Error('one'), new Error('two')], 'both'), loop });
    expect(entry().reason).toMatchObject({
      message: 'both',
      errors: [{ message: 'one' }, { message: 'two' }],
    });
    expect(JSON.stringify(entry().loop)).toContain('[too deep]');
  });

  test('dates stay dates and bytes stay unread', () => {
    const { logger, entry } = createRecorder();
    logger.info({ at: new Date(0), bytes: Buffer.from('secret bytes') });
    expect(entry()).toMatchObject({ at: '1970-01-01T00:00:00.000Z', bytes: '[12 bytes]' });
  });
});
