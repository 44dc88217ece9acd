import { execFileSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { jsonOf, root, textOf } from './tree.ts';

const folder = mkdtempSync(join(tmpdir(), 'closing-line-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface FileResult {
  readonly status: 'passed' | 'failed';
  readonly tests: readonly string[];
}

/** As vitest's JSON reporter writes it. */
function closingLine(files: readonly FileResult[], exitCode: number): string {
  const report = join(folder, 'tests.json');
  const testResults = files.map(({ status, tests }) => ({
    status,
    assertionResults: tests.map((outcome) => ({ status: outcome })),
  }));
  writeFileSync(report, JSON.stringify({ testResults }));
  const args = [join(root, '.ci/closing-line.mjs'), report, String(exitCode)];
  return execFileSync(process.execPath, args, { encoding: 'utf8' });
}

describe('the closing line', () => {
  it('counts the tests of all files', () => {
    const files: FileResult[] = [
      { status: 'passed', tests: ['passed', 'passed'] },
      { status: 'failed', tests: ['passed', 'failed'] },
    ];
    expect(closingLine(files, 1)).toBe('3 passed, 1 failed\n');
    expect(closingLine(files.slice(0, 1), 0)).toBe('2 passed, 0 failed\n');
  });

  it('says how many were left out, for whatever reason', () => {
    expect(closingLine([{ status: 'passed', tests: ['passed', 'skipped', 'todo', 'pending'] }], 0)).toBe(
      '1 passed, 0 failed, 3 skipped\n',
    );
  });

  it('counts a file that could not be loaded, or that failed beside its tests', () => {
    const files: FileResult[] = [
      { status: 'failed', tests: [] },
      { status: 'failed', tests: ['passed', 'skipped'] },
    ];
    expect(closingLine(files, 1)).toBe('1 passed, 2 failed, 1 skipped\n');
  });

  it('counts an error that belongs to no file', () => {
    expect(closingLine([{ status: 'passed', tests: ['passed'] }], 1)).toBe('1 passed, 1 failed\n');
  });
});

describe('.ci/run', () => {
  it('can be executed, stops at nothing that is undefined, and is what the hosted run calls', () => {
    expect(() => accessSync(join(root, '.ci/run'), constants.X_OK)).not.toThrow();
    expect(textOf('.ci/run')).toContain('set -euo pipefail');
    expect(textOf('.github/workflows/ci.yml')).toContain('- run: .ci/run\n');
  });

  it('runs every check that package.json has', () => {
    const checks = ['lint', 'typecheck', 'generate', 'schemas:check', 'test'];
    const { scripts } = jsonOf('package.json') as { scripts: Record<string, string> };
    expect(checks.filter((name) => scripts[name] === undefined)).toEqual([]);
    expect(checks.filter((name) => !textOf('.ci/run').includes(`npm run --silent ${name}`))).toEqual([]);
  });
});
