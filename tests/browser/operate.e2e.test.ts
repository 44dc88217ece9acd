import { randomUUID } from 'node:crypto';
import { createOrderRequest, openDatabases } from '@skald/testkit';
import { describe, expect, it } from 'vitest';
import { poison } from './poison.ts';
import { isWithoutBrowser, useBrowser } from './system.ts';

// Where there is no browser to look with, nothing can be seen: CI installs one.
describe.skipIf(isWithoutBrowser())('the page for operators', () => {
  const system = useBrowser();

  it('shows lag, throughput and outbox of every group, order-view among them', async () => {
    const page = await system().open();
    await page.logIn(system().addresses.operatorToken);
    for (const group of ['order', 'inventory', 'payment', 'shipping', 'email', 'order-view']) {
      const row = page.page.getByRole('row', { name: new RegExp(`^${group} ready`) });
      await row.waitFor();
      const cells = row.locator('td');
      const names = await page.page.locator('.services thead th').allTextContents();
      const cellOf = (name: string) => cells.nth(names.findIndex((head) => head.trim() === name) - 1);
      expect(await cellOf('lag').textContent()).toMatch(/^[\d,]+$/);
      expect(await cellOf('outbox').textContent()).toMatch(/^[\d,]+$/);
      expect(await cellOf('oldest').textContent()).toMatch(/^(–|\d)/);
      // A rate needs two looks.
      await cellOf('consumed/s')
        .getByText(/^\d+(\.\d)?$/)
        .waitFor();
    }
  });

  it('a dead letter is tried and discarded, dry first; a wrong token operates nothing', async () => {
    const [key = ''] = await poison(system().addresses.kafka.brokers);
    const page = await system().open();
    await page.page.getByRole('link', { name: 'Operate' }).click();
    await page.page.getByLabel('Operator’s token').fill('not-the-right-token');
    await page.page.getByRole('button', { name: 'Operate' }).click();
    await page.page.getByRole('alert').getByText('not the operator’s token').waitFor();
    expect(page.errors.splice(0)).toEqual([expect.stringContaining('403')]);

    await page.logIn(system().addresses.operatorToken);
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

  it('all dead letters that match are redriven, dry first, and their orders go on to their ends', async () => {
    const databases = openDatabases(system().addresses);
    const postalCode = '98764';
    const name = `browser_${randomUUID().slice(0, 8)}`;
    const constraint = `ALTER TABLE contacts ADD CONSTRAINT ${name} CHECK`;
    await databases.query('shipping', `${constraint} (postal_code <> '${postalCode}') NOT VALID`);
    const { shippingAddress } = createOrderRequest({});
    const placed = { shippingAddress: { ...shippingAddress, postalCode } };
    const orders = await Promise.all([1, 2, 3].map(() => system().shop.placeOrder(placed)));
    const page = await system().open();
    await page.logIn(system().addresses.operatorToken);
    // The error names the constraint.
    await page.page.getByLabel('Text in value or error').fill(name);
    await page.page.getByText('Try, redrive or discard all 3 that match').click();
    const all = page.page.getByLabel('What to do with all that match');
    await all.getByLabel('by').fill('ada');
    await all.getByLabel('reason').fill('the address is accepted now');
    await databases.query('shipping', `ALTER TABLE contacts DROP CONSTRAINT ${name}`);
    await databases.close();
    expect(await all.getByRole('button', { name: 'Redrive all' }).count()).toBe(0);
    await all.getByRole('button', { name: 'Redrive: dry run' }).click();
    await all.getByText('redrive, dry: nothing is changed').waitFor();
    await all.getByText('done: 3, failed: 0').waitFor();
    await all.getByRole('button', { name: 'Redrive all 3 that match' }).click();
    await all.getByRole('progressbar', { name: 'redrive: done of 3' }).waitFor();
    await page.page.getByText('No such dead letters.').waitFor();
    for (const { orderId } of orders)
      expect(await system().shop.waitForEnd(orderId)).toMatchObject({ status: 'CONFIRMED' });
  });

  it('all dead letters that match are discarded, dry first, with what came of each', async () => {
    const mark = randomUUID();
    // Three groups read the topic.
    await poison(system().addresses.kafka.brokers, { messages: 20, mark });
    const page = await system().open();
    await page.logIn(system().addresses.operatorToken);
    await page.page.getByLabel('Text in value or error').fill(mark);
    await page.page.getByText('Try, redrive or discard all 60 that match').click();
    await page.page.getByRole('button', { name: 'Show more dead letters' }).click();
    const all = page.page.getByLabel('What to do with all that match');
    await all.getByRole('button', { name: 'Try' }).click();
    await all.getByText('done: 60, failed: 60').waitFor();
    await all.getByLabel('by').fill('ada');
    await all.getByLabel('reason').fill('nobody can read them');
    await all.getByRole('button', { name: 'Discard: dry run' }).click();
    await all.getByRole('button', { name: 'Discard all 60 that match' }).click();
    await all.getByText('done: 60, failed: 0').waitFor();
    await page.page.getByText('No such dead letters.').waitFor();
  });

  it('shows what the auditor says, and which promises are broken', async () => {
    await poison(system().addresses.kafka.brokers);
    const page = await system().open();
    await page.logIn(system().addresses.operatorToken);
    const panel = page.page.getByRole('region', { name: 'Auditor’s verdict' });
    await panel
      .getByText(/\d violations/)
      .first()
      .waitFor({ timeout: 60_000 });
    await panel.getByLabel('Broken promises').getByText('sequences rise without a gap').waitFor();
    await panel.getByText(/What was looked at/).click();
    await panel.getByText(/charges − refunds = the total, or nothing: [\d,]+ looked at/).waitFor();
  });
});
