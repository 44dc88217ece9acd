import { type ConnectedStack, connectStack, createShop, type Shop } from '@skald/testkit';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest';
import { findChromium, launchChromium, noChromium } from './chromium.ts';
import { type ConsolePage, openConsole, type WindowOptions } from './console-page.ts';

/** Undefined where there is none: the tests are then left out. */
export const chromiumPath = findChromium();

/** The system, and a browser to look at it. */
export interface BrowserSystem {
  readonly stack: ConnectedStack;
  readonly addresses: ConnectedStack['addresses'];
  readonly shop: Shop;
  /** Closed after the test, which fails if the browser's console was told of an error. */
  open(options?: WindowOptions): Promise<ConsolePage>;
}

/** Starts both before the first test of a `describe`; the answer is there from then on. */
export function useBrowser(): () => BrowserSystem {
  let system: BrowserSystem;
  let browser: Browser;
  const opened: ConsolePage[] = [];
  beforeAll(async () => {
    const stack = await connectStack(inject('browserStack'));
    browser = await launchChromium(chromiumPath ?? '');
    const { addresses } = stack;
    const url = addresses.services['console'] ?? '';
    const open = async (options?: WindowOptions) => {
      const page = await openConsole(browser, url, options);
      opened.push(page);
      return page;
    };
    system = { stack, addresses, shop: createShop(addresses), open };
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    const errors = opened.flatMap((page) => page.errors);
    await Promise.all(opened.splice(0).map(({ page }) => page.context().close()));
    expect(errors).toEqual([]);
  });
  return () => system;
}

/** Says so, where tests are left out: a browser is what they look with. CI installs one. */
export const isWithoutBrowser = (): boolean => {
  if (chromiumPath === undefined) process.stderr.write(`The browser tests are left out: ${noChromium}\n`);
  return chromiumPath === undefined;
};
