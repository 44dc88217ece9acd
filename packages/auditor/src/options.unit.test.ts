import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findWitnesses } from './config.ts';
import { parseOptions } from './options.ts';

const folder = mkdtempSync(join(tmpdir(), 'skald-options-'));
afterAll(() => rmSync(folder, { recursive: true }));
const options = (...args: string[]) => {
  const parsed = parseOptions(['--directory', folder, ...args]);
  if (parsed === undefined) throw new Error('help was asked for');
  return parsed;
};
const environment = {
  KAFKA_BROKERS: 'kafka-1:9092,kafka-2:9092',
  SCHEMA_REGISTRY_URL: 'http://registry/apis/ccompat/v7',
  AUDITOR_DATABASE_URL: 'postgres://auditor:secret@db/{service}',
  PAYMENT_PROVIDER_URL: 'http://provider',
  MAILS_URL: 'http://mail/messages',
};

describe('The options', () => {
  it('take times with their units', () => {
    expect(options('--stuck-after', '5m', '--every', '500ms')).toMatchObject({
      stuckAfterMs: 300_000,
      everyMs: 500,
    });
  });

  it('let audits take all of the time, or a share of it', () => {
    expect(options('--every', '1s').share).toBe(1);
    expect(options('--every', '1s', '--share', '5').share).toBe(0.05);
    expect(options('--every', '1s', '--share', '2.5%').share).toBe(0.025);
  });

  it.each([
    [['--stuck-after', 'soon'], '--stuck-after is a time such as 30s, not soon'],
    [['--every', '0s'], '--every is a time such as 30s, not 0s'],
    [['--every', '1s', '--port', 'http'], '--port is a number from 0 to 65535, not http'],
    [['--share', '0'], '--share is a percentage above 0, such as 5, not 0'],
    [['--share', '101'], '--share is a percentage above 0, such as 5, not 101'],
    [['--port', '1'], '--port is for the metrics of --every'],
    [['--jsno'], 'See --help'],
  ])('are refused with what is wrong: %s', (args, says) => {
    expect(() => options(...args)).toThrow(says);
  });
});

describe('The witnesses', () => {
  it('are found by the environment, each service’s database among them', () => {
    expect(findWitnesses(options(), environment)).toMatchObject({
      kafka: { brokers: ['kafka-1:9092', 'kafka-2:9092'] },
      auditor: { order: 'postgres://auditor:secret@db/order', email: 'postgres://auditor:secret@db/email' },
    });
  });

  it('are named by flags before all else', () => {
    expect(findWitnesses(options('--mails', 'http://other/mails'), environment).mail.messages).toBe(
      'http://other/mails',
    );
  });

  it('that nobody has named are asked for by their flags', () => {
    const { MAILS_URL: _mails, KAFKA_BROKERS: _brokers, ...some } = environment;
    expect(() => findWitnesses(options(), some)).toThrow(
      /start it once \(npm start\), or give --brokers, --mails$/,
    );
    expect(() => findWitnesses(options('--database', 'postgres://a@b/order'), {})).toThrow('{service}');
    expect(() => findWitnesses(options(), { ...environment, MAILS_URL: 'mails' })).toThrow('MAILS_URL');
  });

  it('are found where a local stack has published them', () => {
    const witnesses = findWitnesses(options(), environment);
    writeFileSync(join(folder, 'state.json'), JSON.stringify({ ports: {}, passwords: {}, witnesses }));
    expect(findWitnesses(options(), {})).toEqual(witnesses);
  });
});
