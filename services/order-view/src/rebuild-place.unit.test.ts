import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { findPlace } from './rebuild-place.ts';

const folder = mkdtempSync(join(tmpdir(), 'skald-rebuild-place-'));
afterAll(() => rmSync(folder, { recursive: true }));
const registryUrl = 'http://127.0.0.1:8080/apis/ccompat/v7';

it('a rebuild finds what a stack has noted, and what the environment says counts first', () => {
  const state = {
    ports: { postgres: 5_432 },
    passwords: { order_view: 'secret' },
    witnesses: { kafka: { brokers: ['127.0.0.1:9092'] }, registry: registryUrl },
  };
  writeFileSync(join(folder, 'state.json'), JSON.stringify(state));
  const noted = {
    databaseUrl: 'postgres://order_view:secret@127.0.0.1:5432/order_view',
    brokers: ['127.0.0.1:9092'],
    registryUrl,
    searchUrl: undefined,
  };
  expect(findPlace(folder, {})).toEqual(noted);
  const told = { DATABASE_URL: 'postgres://else', KAFKA_BROKERS: ['else:1'] };
  expect(findPlace(folder, told)).toEqual({
    databaseUrl: 'postgres://else',
    brokers: ['else:1'],
    registryUrl,
    searchUrl: undefined,
  });
});

it('of a search engine it finds the one of the same stack: none, where the environment tells of another database', () => {
  const search = 'http://127.0.0.1:9200';
  const beside = join(folder, 'beside');
  mkdirSync(beside);
  const state = {
    ports: { postgres: 5_432 },
    passwords: { order_view: 'secret' },
    witnesses: { kafka: { brokers: ['127.0.0.1:9092'] }, registry: registryUrl, search },
  };
  writeFileSync(join(beside, 'state.json'), JSON.stringify(state));
  const told = { DATABASE_URL: 'postgres://else' };
  expect(findPlace(beside, {}).searchUrl).toBe(search);
  expect(findPlace(beside, told).searchUrl).toBeUndefined();
  expect(findPlace(beside, { ...told, SEARCH_URL: 'http://else:1' }).searchUrl).toBe('http://else:1');
});

it('says what is missing where nothing is noted', () => {
  const nowhere = join(folder, 'nowhere');
  expect(() => findPlace(nowhere, { KAFKA_BROKERS: ['else:1'] })).toThrow(
    /nowhere\/state\.json.*DATABASE_URL, SCHEMA_REGISTRY_URL$/,
  );
});
