import { createOrderRequest, eventually, openDatabases } from '@skald/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { noChromium } from './chromium.ts';
import { type ConsolePage, openConsole, type WindowOptions } from './console-page.ts';
import { poison } from './poison.ts';
import { chromiumPath, startBrowser } from './system.ts';

if (chromiumPath === undefined) process.stderr.write(`The browser tests are left out: ${noChromium}\n`);

let system: Awaited<ReturnType<typeof startBrowser>>;
const opened: ConsolePage[] = [];

// Where there is no browser to look with, nothing can be seen: CI installs one.
describe.skipIf(chromiumPath === undefined)('the console in a browser', () => {
  beforeAll(async () => {
    system = await startBrowser();
  });
  afterAll(() => system.browser.close());
  afterEach(async () => {
    const errors = opened.flatMap((page) => page.errors);
    await Promise.all(opened.splice(0).map(({ page }) => page.context().close()));
    expect(errors).toEqual([]);
  });

  async function open(options?: WindowOptions): Promise<ConsolePage> {
    const page = await openConsole(system.browser, system.url, options);
    opened.push(page);
    return page;
  }

  /** Once it has come to its end, and all that follows has been told. */
  const expectEvents = (page: ConsolePage, last: readonly string[]) =>
    eventually(
      async () => {
        const events = await page.events();
        return last.every((name) => events.includes(name)) && events;
      },
      { what: `the lanes show ${last.join(', ')}`, timeoutMs: 60_000, everyMs: 200 },
    );

  it('an order is placed, and seen confirmed without a reload', async () => {
    const page = await open();
    let loads = 0;
    page.page.on('load', () => {
      loads += 1;
    });
    await page.add('SKU-0001');
    const orderId = await page.place();
    await page.page.locator('.placed').getByText('CONFIRMED').waitFor();
    await page.watch(orderId);
    const events = await expectEvents(page, ['StockShipped', 'ShipmentDispatched', 'MailSent']);
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
    const page = await open();
    await page.add(sku);
    await page.watch(await page.place(choices));
    await page.page.locator('.order-head').getByText(reason).waitFor();
    await expectEvents(page, events);
  });

  it('an order that is stuck says whose step it waits for, and can be cancelled', async () => {
    const page = await open();
    await page.add('SKU-0002');
    await system.stack.stop('payment');
    try {
      const orderId = await page.place();
      await page.watch(orderId);
      const row = page.page.locator(`.orders a[href="#/watch/${orderId}"]`);
      await row.getByText('waits for payment: charge').waitFor();
      await page.page.locator('.event-due').getByText('charge').waitFor();
      await page.page.getByRole('button', { name: 'Cancel order' }).click();
      await page.page.locator('.order-head').getByText('CANCELLED_BY_CUSTOMER').waitFor();
    } finally {
      await system.stack.start('payment');
    }
  });

  it('what the services refuse is shown, field by field', async () => {
    const page = await open();
    await page.add('SKU-0001');
    await page.page.getByLabel('email').fill('nobody');
    await page.page.getByRole('button', { name: /^Place order/ }).click();
    const alert = page.page.getByRole('alert');
    await alert.locator('code', { hasText: '#/email' }).waitFor();
    // The browser tells of every 4xx by itself.
    expect(page.errors.splice(0)).toEqual([expect.stringContaining('400')]);
  });

  it('a burst of orders is followed to the end of each', async () => {
    const page = await open();
    await page.add('SKU-0003');
    await page.page.getByRole('button', { name: 'Place ×10 orders' }).click();
    await page.page.getByText('10 of 10 accepted · 10 confirmed').waitFor({ timeout: 60_000 });
  });

  it('goes on by itself after the console was restarted: live, logged in, and with all that happened', async () => {
    const page = await open();
    await page.logIn(system.addresses.operatorToken);
    await page.page.getByRole('link', { name: 'Watch' }).click();
    await system.stack.stop('console');
    await page.page.getByText('reconnecting').waitFor();
    const { orderId } = await system.shop.placeOrder(createOrderRequest({}));
    await system.shop.waitForEnd(orderId);
    await system.stack.start('console');
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
    page.errors.splice(0, page.errors.length, ...page.errors.filter((error) => !/ERR_|503/.test(error)));
  });

  it('a dead letter is tried and discarded, dry first; a wrong token operates nothing', async () => {
    const key = await poison(system.addresses.kafka.brokers, 'payments.events');
    const page = await open();
    await page.page.getByRole('link', { name: 'Operate' }).click();
    await page.page.getByLabel('Operator’s token').fill('not-the-right-token');
    await page.page.getByRole('button', { name: 'Operate' }).click();
    await page.page.getByRole('alert').getByText('not the operator’s token').waitFor();
    expect(page.errors.splice(0)).toEqual([expect.stringContaining('403')]);

    await page.logIn(system.addresses.operatorToken);
    for (const group of ['order', 'shipping']) {
      const row = page.page
        .getByRole('row')
        .filter({ hasText: key.slice(-8) })
        .filter({ hasText: `${group}/` });
      await row.getByRole('link').click();
      await page.page.locator('.error-line', { hasText: 'UNDECODABLE' }).waitFor();
      await page.page.getByRole('button', { name: 'Try' }).click();
      await page.page.getByText('done: 1, failed: 1').waitFor();
      expect(await page.page.getByRole('button', { name: 'Discard it' }).count()).toBe(0);
      await page.page.getByLabel('by').fill('ada');
      await page.page.getByLabel('reason').fill('a test');
      await page.page.getByRole('button', { name: 'Discard: dry run' }).click();
      await page.page.getByRole('button', { name: 'Discard it' }).click();
      await page.page.getByText('discarded by ada: a test').waitFor();
    }
  });

  it('a dead letter is redriven, and its order goes on to its end', async () => {
    const databases = openDatabases(system.addresses);
    const postalCode = '98764';
    const constraint = 'ALTER TABLE contacts ADD CONSTRAINT browser CHECK';
    await databases.query('shipping', `${constraint} (postal_code <> '${postalCode}') NOT VALID`);
    const { shippingAddress } = createOrderRequest({});
    const placed = { shippingAddress: { ...shippingAddress, postalCode } };
    const { orderId } = await system.shop.placeOrder(placed);
    const page = await open();
    await page.logIn(system.addresses.operatorToken);
    const row = page.page.getByRole('row').filter({ hasText: orderId.slice(-8) });
    await row.getByRole('link').click();
    await page.page.getByLabel('by').fill('ada');
    await page.page.getByLabel('reason').fill('the address is accepted now');
    await databases.query('shipping', 'ALTER TABLE contacts DROP CONSTRAINT browser');
    await databases.close();
    await page.page.getByRole('button', { name: 'Redrive: dry run' }).click();
    await page.page.getByText('nothing is changed').waitFor();
    await page.page.getByRole('button', { name: 'Redrive it' }).click();
    await page.page.getByText('redriven by ada').waitFor();
    expect(await system.shop.waitForEnd(orderId)).toMatchObject({ status: 'CONFIRMED' });
  });

  it.each(['light', 'dark'] as const)('axe finds nothing on any view, %s', async (colorScheme) => {
    await poison(system.addresses.kafka.brokers, 'payments.events');
    for (const width of [1_440, 390]) {
      const page = await open({ colorScheme, width });
      const found: string[] = await page.axe();
      await page.add('SKU-0001');
      await page.watch(await page.place({ address: '00000 Nowhere, DE' }));
      await expectEvents(page, ['PaymentRefunded']);
      await page.page.getByRole('button', { name: /ShipmentFailed/ }).click();
      await page.page.getByLabel('Payload').waitFor();
      found.push(...(await page.axe()));
      await page.page.getByRole('link', { name: 'Operate' }).click();
      found.push(...(await page.axe()));
      await page.logIn(system.addresses.operatorToken);
      await page.page.locator('.dead-letters tbody a').first().click();
      await page.page.getByRole('button', { name: 'Try' }).waitFor();
      found.push(...(await page.axe()));
      expect(found).toEqual([]);
    }
  });

  it('is used by the keyboard alone, from the basket to the order’s payload', async () => {
    const page = await open();
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
