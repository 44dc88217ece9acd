import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkBuilt } from './checkout.ts';

const folder = mkdtempSync(join(tmpdir(), 'skald-checkout-'));
afterAll(() => rmSync(folder, { recursive: true }));

const put = (path: string, at = 1_000) => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), '');
  utimesSync(join(folder, path), at, at);
};

describe('A checkout to compare with', () => {
  it('has to be one, to have this program, and to be compiled; one that was changed since is named', () => {
    const said: string[] = [];
    const check = () => checkBuilt(folder, (line) => said.push(line));
    expect(check).toThrow(/is no checkout of Skald/);

    put('package.json');
    expect(check).toThrow(/is older than npm run replay/);

    put('packages/replay/package.json');
    for (const home of ['packages/contracts', 'packages/messaging', 'packages/replay']) {
      put(`${home}/tsconfig.json`);
      put(`${home}/dist/index.js`);
    }
    put('packages/replay/dist/handlers-main.js');
    put('services/empty/README.md');
    put('services/order/tsconfig.json');
    expect(check).toThrow(
      `services/order of ${folder} is not compiled: build it first: cd ${folder} && npm run build`,
    );

    put('services/order/dist/order.js', 2_000);
    put('services/order/src/order.ts', 1_000);
    check();
    expect(said).toEqual([]);

    put('services/order/src/order.ts', 3_000);
    check();
    expect(said).toEqual([expect.stringMatching(/services\/order of .* was changed after it was compiled/)]);
  });
});
