import { connectStack, createShop } from '@skald/testkit';
import type { Browser } from 'playwright-core';
import { inject } from 'vitest';
import { findChromium, launchChromium } from './chromium.ts';

/** Undefined where there is none: the tests are then left out. */
export const chromiumPath = findChromium();

/** The system, and a browser to look at it. */
export async function startBrowser() {
  const stack = await connectStack(inject('browserStack'));
  const browser: Browser = await launchChromium(chromiumPath ?? '');
  const { addresses } = stack;
  return { stack, browser, url: addresses.services['console'] ?? '', addresses, shop: createShop(addresses) };
}
