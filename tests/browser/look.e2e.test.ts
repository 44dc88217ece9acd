import { describe, expect, it } from 'vitest';
import type { ConsolePage } from './console-page.ts';
import { poison } from './poison.ts';
import { isWithoutBrowser, useBrowser } from './system.ts';

// Where there is no browser to look with, nothing can be seen: CI installs one.
describe.skipIf(isWithoutBrowser())('every view', () => {
  const system = useBrowser();

  /** Goes through all of them, each with something in it, and stops at each for a look. */
  async function visit(page: ConsolePage, look: (view: string) => Promise<void>): Promise<void> {
    await look('place');
    await page.add('SKU-0001');
    await page.watch(await page.place({ address: '00000 Nowhere, DE' }));
    await page.seeEvents(['PaymentRefunded']);
    await page.page.getByRole('button', { name: /ShipmentFailed/ }).click();
    await page.page.getByLabel('Payload').waitFor();
    await page.page.getByText('Customer, SKU, amount, date').click();
    await look('watch');
    await page.page.getByRole('link', { name: 'Operate' }).click();
    await look('log in');
    await page.logIn(system().addresses.operatorToken);
    await page.page.locator('.dead-letters tbody a').first().click();
    await page.page.getByRole('button', { name: 'Try' }).waitFor();
    await page.page.getByText(/^Try, redrive or discard/).click();
    await look('operate');
    await page.page.getByRole('link', { name: 'Docs' }).click();
    await page.page.getByRole('img', { name: /^The saga/ }).waitFor();
    await look('saga');
    await page.page.getByRole('link', { name: 'Topics and events' }).click();
    await page.page.getByText('OrderConfirmed', { exact: true }).last().click();
    await look('topics');
    await page.page.getByRole('link', { name: 'API of shipping', exact: true }).click();
    await page.page.getByText('GET /shipments/{orderId}').click();
    await look('endpoints');
  }

  it.each([
    ['light', 1_440],
    ['light', 390],
    ['dark', 1_440],
    ['dark', 390],
  ] as const)(
    'has nothing that axe finds: %s, %i px; and none is wider than the window',
    async (colorScheme, width) => {
      await poison(system().addresses.kafka.brokers);
      const page = await system().open({ colorScheme, width });
      const found: string[] = [];
      await visit(page, async (view) => {
        found.push(...(await page.axe()).map((violation) => `${view}: ${violation}`));
        if (await page.isWiderThanWindow()) found.push(`${view}: is wider than ${width} px`);
      });
      expect(found).toEqual([]);
    },
  );
});
