import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startStack } from '@skald/local-stack';
import type { Browser } from 'playwright-core';
import { findChromium, launchChromium, noChromium } from './chromium.ts';
import { type ConsolePage, openConsole, type WindowOptions } from './console-page.ts';
import { poison } from './poison.ts';

const help = `npm run screenshots -- [options]

Takes pictures of each view of the console, light, dark and as on a phone, into docs/screenshots. Starts a stack of its own for it.

  --directory <dir>  of a stack that runs already (npm start): it is used, and left alone
  --help             this text
`;

const target = fileURLToPath(new URL('../../../docs/screenshots', import.meta.url));
const windows: Readonly<Record<string, WindowOptions>> = {
  light: { width: 1_280, height: 860, colorScheme: 'light' },
  dark: { width: 1_280, height: 860, colorScheme: 'dark' },
  phone: { width: 390, height: 844, colorScheme: 'light' },
};
const say = (line: string): void => void process.stderr.write(`${line}\n`);

interface System {
  readonly url: string;
  readonly token: string;
  readonly brokers: readonly string[];
  stop(): Promise<void>;
}

/** As a local stack has written it down. */
function running(directory: string): System {
  const { ports, operatorToken } = JSON.parse(readFileSync(join(directory, 'state.json'), 'utf8')) as {
    ports: Record<string, number>;
    operatorToken: string;
  };
  const at = (name: string) => `127.0.0.1:${ports[name]}`;
  return {
    url: `http://${at('console')}`,
    token: operatorToken,
    brokers: [at('kafka')],
    stop: async () => undefined,
  };
}

async function started(): Promise<System> {
  const directory = mkdtempSync(join(tmpdir(), 'skald-screenshots-'));
  await chmod(directory, 0o755);
  const companions = ['dead-letters', 'order-view', 'console'] as const;
  const { addresses, stop } = await startStack({
    directory,
    companions,
    audits: ['--every', '10s'],
    onProgress: (line) => say(`  ${line}`),
  });
  return {
    url: addresses.services['console'] ?? '',
    token: addresses.operatorToken,
    brokers: addresses.kafka.brokers,
    async stop() {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function takeAll(browser: Browser, system: System): Promise<void> {
  for (const [name, window] of Object.entries(windows)) {
    const open = await openConsole(browser, system.url, window);
    const take = async (view: string) => {
      // Transitions and the next figures.
      await open.page.waitForTimeout(1_500);
      const path = join(target, `${view}-${name}.png`);
      await open.page.screenshot({ path });
      say(`  ${path}`);
    };
    await prepare(open);
    await take('place');
    await watchRefund(open);
    await take('watch');
    await operate(open, system.token);
    await take('operate');
    await discardAll(open);
    await take('dead-letters');
    await readSaga(open);
    await take('docs-saga');
    await readTopic(open);
    await take('docs-topics');
    await readEndpoint(open);
    await take('docs-endpoints');
    await open.page.context().close();
  }
}

/** A few orders with every kind of end, and a basket. */
async function prepare(open: ConsolePage): Promise<void> {
  await open.add('SKU-0002');
  await open.place({ card: 'tok_chargeDeclined' });
  await open.place({ card: 'tok_processingError' });
  await open.place({ address: '75001 Paris, FR' });
  await open.page.locator('.placed .badge-confirmed').first().waitFor();
  await open.page.getByLabel('Search the catalogue').fill('lamp');
  await open.add('SKU-0009');
  await open.page.getByLabel('Search the catalogue').fill('');
  await open.page.evaluate('document.activeElement.blur(); scrollTo(0, 0)');
}

async function watchRefund(open: ConsolePage): Promise<void> {
  await open.watch(await open.place({ address: '00000 Nowhere, DE' }));
  await open.page.getByRole('button', { name: /PaymentRefunded/ }).waitFor();
  await open.page.getByRole('button', { name: /ShipmentFailed/ }).click();
  await open.page.getByLabel('Payload').waitFor();
}

async function operate(open: ConsolePage, token: string): Promise<void> {
  await open.logIn(token);
  await open.page.locator('.dead-letters tbody a').first().waitFor();
  await open.page.locator('.promises').first().waitFor({ state: 'attached' });
  // A rate needs two looks.
  await open.page
    .locator('.services td.figure', { hasText: /^\d+\.\d$/ })
    .first()
    .waitFor();
  await open.page.evaluate('scrollTo(0, 0)');
}

/** Dry: nothing is changed. */
async function discardAll({ page }: ConsolePage): Promise<void> {
  await page.getByText(/^Try, redrive or discard all/).click();
  const all = page.getByLabel('What to do with all that match');
  await all.getByLabel('by').fill('ada');
  await all.getByLabel('reason').fill('nobody can read them');
  await all.getByRole('button', { name: 'Discard: dry run' }).click();
  await all.getByText('done:').waitFor();
  await page.evaluate("document.querySelector('.dead-letters').scrollIntoView()");
}

async function readSaga({ page }: ConsolePage): Promise<void> {
  await page.getByRole('link', { name: 'Docs' }).click();
  await page.getByRole('img', { name: /^The saga/ }).waitFor();
  await page.evaluate('scrollTo(0, 0)');
}

async function readTopic({ page }: ConsolePage): Promise<void> {
  await page.getByRole('link', { name: 'Topics and events' }).click();
  await page.getByRole('region', { name: 'orders.events', exact: true }).waitFor();
  await page.locator('.message summary').first().click();
  await page.evaluate('scrollTo(0, 0)');
}

async function readEndpoint({ page }: ConsolePage): Promise<void> {
  await page.getByRole('link', { name: 'API of order', exact: true }).click();
  await page.getByText('POST /orders', { exact: true }).click();
  await page.evaluate("document.querySelector('.message').scrollIntoView()");
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { directory: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return void process.stdout.write(help);
  const executable = findChromium();
  if (executable === undefined) throw new Error(noChromium);
  mkdirSync(target, { recursive: true });
  const system = values.directory === undefined ? await started() : running(values.directory);
  try {
    await poison(system.brokers, { messages: 2 });
    const browser = await launchChromium(executable);
    try {
      await takeAll(browser, system);
    } finally {
      await browser.close();
    }
  } finally {
    await system.stop();
  }
}

await main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
