import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from './asyncapi-messages.ts';
import { documentedServices } from './openapi.ts';
import { driftOf, FOLDER, outputsOf, repair } from './outputs.ts';

const committed = join(fileURLToPath(new URL('../../..', import.meta.url)), FOLDER);
const readCommitted = (path: string): Json => JSON.parse(readFileSync(join(committed, path), 'utf8')) as Json;
const outputs = outputsOf(
  new Map(documentedServices.map((name) => [name, readCommitted(`openapi/${name}.json`)])),
);

describe('what is generated', () => {
  it('is committed as catalogue, schemas and graph say; of the APIs, the running services say it in tests/e2e', () => {
    expect(driftOf(committed, outputs)).toEqual({ changed: [], stale: [] });
  });

  it('is listed for programs that show it, file by file', () => {
    const { documents } = readCommitted('index.json') as { documents: readonly { path: string }[] };
    const others = ['README.md', 'index.json'];
    expect([...documents.map(({ path }) => path), ...others].sort()).toEqual([...outputs.keys()].sort());
  });

  it('tells people of every topic and every endpoint', () => {
    const page = readFileSync(join(committed, 'README.md'), 'utf8');
    for (const word of ['`orders.contacts`', '`POST /orders`', '`POST /redrives` 🔒', '`GET /livez`']) {
      expect(page).toContain(word);
    }
  });
});

describe('in a folder of its own', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'documents-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('what is missing, other than it was, or left over is named, and put right', () => {
    repair(folder, outputs, driftOf(folder, outputs));
    expect(driftOf(folder, outputs)).toEqual({ changed: [], stale: [] });
    writeFileSync(join(folder, 'asyncapi.json'), '{}');
    rmSync(join(folder, 'openapi/email.json'));
    writeFileSync(join(folder, 'openapi/former.json'), '{}');
    const drift = driftOf(folder, outputs);
    expect(drift).toEqual({
      changed: ['asyncapi.json', 'openapi/email.json'],
      stale: ['openapi/former.json'],
    });
    repair(folder, outputs, drift);
    expect(driftOf(folder, outputs)).toEqual({ changed: [], stale: [] });
  });
});
