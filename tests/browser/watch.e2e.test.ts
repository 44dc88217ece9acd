import { randomUUID } from 'node:crypto';
import { createOrderRequest, eventually } from '@skald/testkit';
import { describe, expect, it } from 'vitest';
import type { ConsolePage } from './console-page.ts';
import { isWithoutBrowser, useBrowser } from './system.ts';

/** More than a page. */
const MANY = 53;
const PAGE = 50;

// Where there is no browser to look with, nothing can be seen: CI installs one.
describe.skipIf(isWithoutBrowser())('the list of orders', () => {
  const system = useBrowser();

  const openList = async (): Promise<ConsolePage> => {
    const page = await system().open();
    await page.page.getByRole('link', { name: 'Watch' }).click();
    await page.page.getByRole('heading', { name: 'Orders' }).waitFor();
    return page;
  };
  const seeRows = (page: ConsolePage, wanted: number) =>
    eventually(async () => (await page.page.locator('.orders .order-row').count()) === wanted, {
      what: `the list shows ${wanted} orders`,
      timeoutMs: 30_000,
      everyMs: 100,
    });

  it('shows an order in flight with the step that it waits for, and whose, as order-view has it', async () => {
    const page = await system().open();
    await page.add('SKU-0002');
    await system().stack.stop('payment');
    try {
      const orderId = await page.place();
      await page.watch(orderId);
      const row = page.page.locator(`.orders a[href="#/watch/${orderId}"]`);
      // Only order-view can look for it.
      await page.page.getByLabel('Whose step they wait for').selectOption('payment');
      await row.getByText('waits for payment: charge').waitFor();
      expect(await page.page.locator('.without-view').count()).toBe(0);
      await page.page.locator('.event-due').getByText('charge').waitFor();
      await page.page.getByRole('button', { name: 'Cancel order' }).click();
      await page.page.locator('.order-head').getByText('CANCELLED_BY_CUSTOMER').waitFor();
      await row.waitFor({ state: 'detached' });
    } finally {
      await system().stack.start('payment');
    }
  });

  it('is searched by customer, SKU, words, id, amount, date and status, by the keyboard alone', async () => {
    const customerId = `searched-${randomUUID().slice(0, 8)}`;
    const place = (sku: string, quantity = 1) =>
      system().shop.placeOrder({ customerId, items: [{ sku, quantity }] });
    const { orderId } = await place('SKU-0001');
    await Promise.all([place('SKU-0002', 3), ...Array.from({ length: MANY - 2 }, () => place('SKU-0002'))]);
    await system().shop.waitForEnd(orderId);
    const { items } = await system().shop.getOrder(orderId);

    const page = await openList();
    const { keyboard } = page.page;
    const type = async (label: string, text: string) => {
      await page.page.getByLabel(label, { exact: true }).focus();
      await keyboard.press('ControlOrMeta+a');
      await keyboard.press('Delete');
      await keyboard.type(text);
    };
    await page.page.getByText('Customer, SKU, amount, date').focus();
    await keyboard.press('Enter');
    await type('customerId', customerId);
    await seeRows(page, PAGE);
    await page.page.getByRole('button', { name: `All ${MANY}` }).waitFor();
    await page.page.getByRole('button', { name: 'Show more orders' }).focus();
    await keyboard.press('Enter');
    await seeRows(page, MANY);

    await type('sku', 'SKU-0001');
    await seeRows(page, 1);
    await type('sku', 'SKU-0002');
    await type('total from', await lowestOfThree());
    await seeRows(page, 1);
    await type('total from', '');
    await type('sku', '');
    await page.page.getByLabel('placed to').fill('2020-01-01');
    await page.page.getByText('No such orders.').waitFor();
    await page.page.getByLabel('placed to').fill('');
    await page.page.getByRole('button', { name: /^Confirmed [1-9]/ }).focus();
    await keyboard.press('Enter');
    await page.page.locator('.orders').getByText('CONFIRMED').first().waitFor();

    const words = page.page.getByRole('searchbox', { name: /Words of a product/ });
    await words.fill(`${items[0]?.name.toUpperCase()}`);
    await seeRows(page, 1);
    await words.fill(orderId.slice(0, -3));
    await seeRows(page, 1);
    await words.fill(orderId);
    await keyboard.press('Enter');
    await page.page.getByRole('heading', { name: `Order ${orderId}` }).waitFor();

    /** In whole units: what three pieces cost, and none of the others. */
    async function lowestOfThree(): Promise<string> {
      const orders = await system().shop.listOrders({ customerId });
      return String(Math.max(...orders.map(({ totalAmount }) => totalAmount)) / 100);
    }
  });

  it('comes from the order service while order-view is away, and says so; any other failure is shown', async () => {
    const { orderId } = await system().shop.placeOrder(createOrderRequest());
    await system().shop.waitForEnd(orderId);
    const page = await openList();
    const row = page.page.locator(`a[href="#/watch/${orderId}"]`);
    await row.waitFor();
    await system().stack.stop('order-view');
    try {
      await page.page.getByText('order-view does not answer: this is the order service’s own list').waitFor();
      await row.click();
      await page.page.getByText('order-view does not answer: where').waitFor();
    } finally {
      await system().stack.start('order-view');
    }
    await eventually(async () => (await page.page.locator('.without-view').count()) === 0, {
      what: 'order-view is asked again',
      timeoutMs: 45_000,
      everyMs: 200,
    });
    page.forgive(/503/);

    const failure = { title: 'Internal error', status: 500, detail: 'the search has failed' };
    await page.page.route('**/api/order-view/orders?*', (route) =>
      route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify(failure) }),
    );
    await page.page.getByRole('alert').getByText('the search has failed').waitFor();
    expect(await page.page.locator('.without-view').count()).toBe(0);
    page.forgive(/500/);
    await page.page.unroute('**/api/order-view/orders?*');
    await page.page.getByRole('alert').waitFor({ state: 'detached' });
    page.forgive(/500/);
  });
});
