import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { eventually } from '@skald/testkit';
import type { Browser, Page } from 'playwright-core';

/** The page, as a person uses it. */
export interface ConsolePage {
  readonly page: Page;
  /** What the browser's console was told that is an error, and what was thrown. */
  readonly errors: string[];
  add(sku: string): Promise<void>;
  /** With what is in the basket; answers the order's id. */
  place(choices?: { readonly card?: string; readonly address?: string }): Promise<string>;
  watch(orderId: string): Promise<void>;
  /** Names of the events in the lanes, in their order, once these are among them. */
  seeEvents(wanted: readonly string[]): Promise<string[]>;
  logIn(token: string): Promise<void>;
  /** What axe finds: rule, and where. */
  axe(): Promise<string[]>;
  /** Whether one has to scroll sideways. */
  isWiderThanWindow(): Promise<boolean>;
  /** That the page's own thread has used so far, ms. */
  cpuMs(): Promise<number>;
  /** Errors that were to be expected: the browser tells of every 4xx and 5xx by itself. */
  forgive(expected: RegExp): void;
}

/** Of interest to tests and to screenshots: a window of this size, px. */
export interface WindowOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeViolation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
}

export async function openConsole(
  browser: Browser,
  url: string,
  { width = 1_440, height = 1_000, colorScheme = 'light' }: WindowOptions = {},
): Promise<ConsolePage> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(45_000);
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(url);
  await page.getByText('live', { exact: true }).waitFor();
  const debug = await context.newCDPSession(page);
  await debug.send('Performance.enable', { timeDomain: 'threadTicks' });

  return {
    page,
    errors,
    async add(sku) {
      await page.getByLabel('Search the catalogue').fill(sku);
      await page.getByRole('button', { name: `, ${sku}, to the basket` }).click();
    },
    async place({ card = 'tok_visa', address = '10115 Berlin, DE' } = {}) {
      await page.getByRole('radio', { name: card }).check();
      await page.getByRole('radio', { name: address }).check();
      const accepted = page.waitForResponse(
        (response) => response.url().endsWith('/api/orders') && response.request().method() === 'POST',
      );
      await page.getByRole('button', { name: /^Place order/ }).click();
      const { orderId } = (await (await accepted).json()) as { orderId: string };
      return orderId;
    },
    async watch(orderId) {
      await page.getByRole('link', { name: `Watch order ${orderId}` }).click();
      await page.getByRole('heading', { name: `Order ${orderId}` }).waitFor();
    },
    seeEvents: (wanted) =>
      eventually(
        async () => {
          const events = await page.locator('.lane-rows button .event-name').allTextContents();
          return wanted.every((name) => events.includes(name)) && events;
        },
        { what: `the lanes show ${wanted.join(', ')}`, timeoutMs: 60_000, everyMs: 200 },
      ),
    async logIn(token) {
      await page.getByRole('link', { name: 'Operate' }).click();
      await page.getByLabel('Operator’s token').fill(token);
      await page.getByRole('button', { name: 'Operate' }).click();
      await page.getByRole('heading', { name: 'Services' }).waitFor();
    },
    async axe() {
      // Through the debugger: the content security policy holds for the page, and is left as it is.
      await page.evaluate(axeSource);
      const violations = await page.evaluate(async () => {
        const { axe } = globalThis as unknown as {
          axe: { run(): Promise<{ violations: AxeViolation[] }> };
        };
        return (await axe.run()).violations;
      });
      return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
      );
    },
    isWiderThanWindow: () =>
      page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth'),
    async cpuMs() {
      const { metrics } = await debug.send('Performance.getMetrics');
      return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1_000;
    },
    forgive(expected) {
      errors.splice(0, errors.length, ...errors.filter((error) => !expected.test(error)));
    },
  };
}
