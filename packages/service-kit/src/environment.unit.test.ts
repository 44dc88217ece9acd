import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import {
  ConfigurationError,
  durationVariable,
  parseEnvironment,
  type ServiceConfig,
  serviceEnvironment,
} from './environment.ts';

const complete = {
  HTTP_PORT: '8080',
  DATABASE_URL: 'postgres://role:pa55word@db.internal:5432/orders',
  KAFKA_BROKERS: 'kafka-0:9092, kafka-1:9092',
  OPERATOR_TOKEN: 'an-operators-token',
  SCHEMA_REGISTRY_URL: 'http://registry:8080/apis/ccompat/v7',
};
const schema = z.object({ ...serviceEnvironment, DEADLINE_MS: durationVariable().default(900_000) });

function problemsOf(environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    parseEnvironment(schema, environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('a right environment', () => {
  test('is read with its defaults, and other variables may be there', () => {
    const config = parseEnvironment(schema, { ...complete, PATH: '/bin' });
    expect(config).toEqual({
      DATABASE_URL: complete.DATABASE_URL,
      DEADLINE_MS: 900_000,
      HTTP_HOST: '127.0.0.1',
      HTTP_MAX_IN_FLIGHT: 1_000,
      HTTP_PORT: 8080,
      HTTP_REQUEST_TIMEOUT_MS: 10_000,
      KAFKA_BROKERS: ['kafka-0:9092', 'kafka-1:9092'],
      LOG_LEVEL: 'info',
      OPERATOR_TOKEN: complete.OPERATOR_TOKEN,
      OTEL_TRACES_SAMPLER_ARG: 1,
      OUTBOX_RELAY_MODE: 'idempotent',
      PARKING_CAP: 20_000,
      SCHEMA_REGISTRY_URL: complete.SCHEMA_REGISTRY_URL,
      SHUTDOWN_TIMEOUT_MS: 9_000,
    });
  });

  test('has the types of the schema', () => {
    const config = parseEnvironment(schema, complete);
    expectTypeOf(config).toExtend<ServiceConfig>();
    expectTypeOf(config.DEADLINE_MS).toBeNumber();
    expectTypeOf(config.OUTBOX_RELAY_MODE).toEqualTypeOf<'idempotent' | 'transactional'>();
  });

  test('counts an empty variable as absent', () => {
    expect(parseEnvironment(schema, { ...complete, LOG_LEVEL: '' }).LOG_LEVEL).toBe('info');
  });
});

describe('a wrong environment', () => {
  test('names every variable that is missing', () => {
    expect(problemsOf({})).toEqual([
      'HTTP_PORT is missing',
      'DATABASE_URL is missing',
      'KAFKA_BROKERS is missing',
      'SCHEMA_REGISTRY_URL is missing',
      'OPERATOR_TOKEN is missing',
    ]);
  });

  test.each([
    ['HTTP_PORT', '80a'],
    ['HTTP_PORT', '65536'],
    ['HTTP_PORT', '-1'],
    ['HTTP_PORT', '8.5'],
    ['HTTP_PORT', '0x50'],
    ['DATABASE_URL', 'mysql://role:pa55word@db/orders'],
    ['DATABASE_URL', 'pa55word'],
    ['KAFKA_BROKERS', 'kafka'],
    ['KAFKA_BROKERS', 'kafka:9092,'],
    ['SCHEMA_REGISTRY_URL', 'registry:8080'],
    ['LOG_LEVEL', 'loud'],
    ['OPERATOR_TOKEN', 'too-short'],
    ['OUTBOX_RELAY_MODE', 'exactly-once'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector'],
    ['OTEL_TRACES_SAMPLER_ARG', '2'],
    ['SHUTDOWN_TIMEOUT_MS', '0'],
    ['DEADLINE_MS', '1e3'],
  ])('%s=%s is named, and its value is not repeated', (name, value) => {
    const problems = problemsOf({ ...complete, [name]: value });
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems) {
      expect(problem).toMatch(new RegExp(`^${name} (must|Invalid)`));
      expect(problem).not.toContain('pa55word');
    }
  });
});

describe('a variable from a file', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'skald-environment-'));
    writeFileSync(join(folder, 'url'), `${complete.DATABASE_URL}\n`);
    writeFileSync(join(folder, 'wrong'), 'pa55word');
    writeFileSync(join(folder, 'empty'), '\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const { DATABASE_URL, ...rest } = complete;
  const fromFile = (file: string) => ({ ...rest, DATABASE_URL_FILE: join(folder, file) });

  test('is read without the line break at its end', () => {
    expect(parseEnvironment(schema, fromFile('url')).DATABASE_URL).toBe(DATABASE_URL);
  });

  test('may not be given twice', () => {
    expect(problemsOf({ ...fromFile('url'), DATABASE_URL })).toEqual([
      'DATABASE_URL and DATABASE_URL_FILE are both given',
    ]);
  });

  test('is named when the file is missing, empty or wrong, without what it holds', () => {
    expect(problemsOf(fromFile('absent'))).toEqual([
      "DATABASE_URL can't be read from the file that DATABASE_URL_FILE names (ENOENT)",
    ]);
    expect(problemsOf(fromFile('empty'))).toEqual(['DATABASE_URL is missing']);
    expect(problemsOf(fromFile('wrong'))).toEqual([
      'DATABASE_URL must be a URL like postgres://role:password@host:5432/database',
    ]);
  });
});
