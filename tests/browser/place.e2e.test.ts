import { createOrderRequest } from '@skald/testkit';
import { describe, expect, it } from 'vitest';
import { isWithoutBrowser, useBrowser } from './system.ts';

/** 1,000 take a while: `SKALD_BURST=1000 npm test -- browser/place` follows them, too. */
const burstSizes = [10, 100, ...(process.env['SKALD_BURST'] ? [Number(process.env['SKALD_BURST'])] : [])];
/** CPU of the page's own thread, ms an order: a page that falls behind its events takes more with each of them. */
const CPU_AN_ORDER = 15;

// Where there is no browser to look with, nothing can be seen: CI installs one.
describe.skipIf(isWithoutBrowser())('the page where orders are placed', () => {
  const system = useBrowser();

  it('an order is placed, and seen confirmed without a reload', async () => {
    const page = await system().open();
    let loads = 0;
    page.page.on('load', () => {
      loads += 1;
    });
    await page.add('SKU-0001');
    const orderId = await page.place();
    await page.page.locator('.placed').getByText('CONFIRMED').waitFor();
    await page.watch(orderId);
    const events = await page.seeEvents(['StockShipped', 'ShipmentDispatched', 'MailSent']);
    expect(events[0]).toBe('OrderCreated');
    expect(loads).toBe(0);

    await page.page.getByRole('button', { name: /PaymentCompleted/ }).click();
    await page.page.getByLabel('Payload').getByText('"orderId"').waitFor();
    const detail = page.page.getByLabel('Event PaymentCompleted');
    expect(await detail.textContent()).toMatch(/payments\.events[\s\S]*\d \/ \d+/);
    await page.page.getByRole('button', { name: /OrderContact/ }).click();
    expect(await page.page.getByLabel('Event OrderContact').textContent()).toContain('isn’t shown');
  });

  it.each([
    [
      'a declined card',
      'SKU-0001',
      { card: 'tok_chargeDeclined' },
      'PAYMENT_DECLINED',
      ['PaymentFailed', 'OrderCancelled', 'StockReservationCancelled'],
    ],
    [
      'an address that nobody delivers to',
      'SKU-0001',
      { address: '00000 Nowhere, DE' },
      'ADDRESS_UNSERVICEABLE',
      ['ShipmentFailed', 'OrderCancelled', 'StockReservationCancelled', 'PaymentRefunded'],
    ],
    ['stock that is out', 'SKU-1000', {}, 'OUT_OF_STOCK', ['StockReservationFailed', 'OrderCancelled']],
  ] as const)('%s is seen to be taken back, step by step', async (_, sku, choices, reason, events) => {
    const page = await system().open();
    await page.add(sku);
    await page.watch(await page.place(choices));
    await page.page.locator('.order-head').getByText(reason).waitFor();
    await page.seeEvents(events);
  });

  it('what the services refuse is shown, field by field', async () => {
    const page = await system().open();
    await page.add('SKU-0001');
    await page.page.getByLabel('email').fill('nobody');
    await page.page.getByRole('button', { name: /^Place order/ }).click();
    const alert = page.page.getByRole('alert');
    await alert.locator('code', { hasText: '#/email' }).waitFor();
    // The browser tells of every 4xx by itself.
    expect(page.errors.splice(0)).toEqual([expect.stringContaining('400')]);
  });

  it.each(burstSizes)(
    'a burst of %i orders is followed to the end of each, and the page answers meanwhile',
    async (size) => {
      const page = await system().open();
      await page.add('SKU-0003');
      const before = await page.cpuMs();
      const many = size.toLocaleString('en');
      await page.page.getByRole('button', { name: `Place ×${many} orders` }).click();
      await page.page.getByRole('link', { name: 'Watch' }).click();
      await page.page.locator('.orders .order-row').first().waitFor();
      await page.page.getByRole('link', { name: 'Place' }).click();
      await page.page
        .getByText(`${many} of ${many} accepted · ${many} confirmed`)
        .waitFor({ timeout: 45_000 + size * 200 });
      const used = (await page.cpuMs()) - before;
      process.stdout.write(`A burst of ${many}: ${used.toFixed(0)} ms of CPU in the page's thread\n`);
      expect(used).toBeLessThan(2_000 + size * CPU_AN_ORDER);
    },
    60_000 + Math.max(...burstSizes) * 300,
  );

  it('goes on by itself after the console was restarted: live, logged in, and with all that happened', async () => {
    const page = await system().open();
    await page.logIn(system().addresses.operatorToken);
    await page.page.getByRole('link', { name: 'Watch' }).click();
    await system().stack.stop('console');
    await page.page.getByText('reconnecting').waitFor();
    const { orderId } = await system().shop.placeOrder(createOrderRequest({}));
    await system().shop.waitForEnd(orderId);
    await system().stack.start('console');
    await page.page.getByText('live', { exact: true }).waitFor();
    await page.page.locator(`a[href="#/watch/${orderId}"]`).click();
    await page.page.locator('.order-head').getByText('CONFIRMED').waitFor();
    await page.page.getByRole('link', { name: 'Operate' }).click();
    await page.page.getByRole('heading', { name: 'Services' }).waitFor();
    await page.page.getByRole('link', { name: 'Place' }).click();
    await page.add('SKU-0001');
    await page.place();
    await page.page.locator('.placed').getByText('CONFIRMED').waitFor();
    // While nobody listens, the browser tells of every attempt.
    page.forgive(/ERR_|503/);
  });

  it('is used by the keyboard alone, from the basket to the order’s payload', async () => {
    const page = await system().open();
    const { keyboard } = page.page;
    await page.page.getByLabel('Search the catalogue').fill('SKU-0001');
    await page.page.getByRole('button', { name: ', SKU-0001, to the basket' }).focus();
    await keyboard.press('Enter');
    await page.page.getByRole('button', { name: /^Place order/ }).focus();
    await keyboard.press('Enter');
    const link = page.page.locator('.placed a').first();
    await link.focus();
    await keyboard.press('Enter');
    await page.page.getByRole('button', { name: /OrderConfirmed/ }).focus();
    await keyboard.press('Enter');
    await page.page.getByLabel('Payload').getByText('"orderId"').waitFor();
  });
});
