import { readFileSync } from 'node:fs';
import { sagaGraph, topics } from '@skald/contracts';
import { describe, expect, it } from 'vitest';
import { isWithoutBrowser, useBrowser } from './system.ts';

const index = new URL('../../docs/api/index.json', import.meta.url);
const { documents } = JSON.parse(readFileSync(index, 'utf8')) as { documents: { title: string }[] };

// Where there is no browser to look with, nothing can be seen: CI installs one.
describe.skipIf(isWithoutBrowser())('the documents in the page', () => {
  const system = useBrowser();

  const openDocs = async () => {
    const console = await system().open();
    await console.page.getByRole('link', { name: 'Docs' }).click();
    return console.page;
  };

  it('are all that docs/api holds', async () => {
    const page = await openDocs();
    for (const { title } of documents) {
      await page.getByRole('link', { name: title, exact: true }).click();
      await page.getByRole('heading', { name: title, exact: true }).waitFor();
      await page.locator('.doc').getByRole('group').or(page.locator('.saga-picture')).first().waitFor();
    }
  });

  it('draw the saga, and tell it in a table', async () => {
    const page = await openDocs();
    await page.getByRole('img', { name: /^The saga/ }).waitFor();
    const drawn = sagaGraph.filter(({ kind, verb }) => kind !== 'record' && verb !== 'list');
    expect(await page.locator('.saga-step').count()).toBe(drawn.length);
    await page.getByRole('row', { name: /payment: refund.*OrderCancelled.*PaymentRefunded/ }).waitFor();
  });

  it('tell of each topic who writes and reads it, and what its events hold', async () => {
    const page = await openDocs();
    await page.getByRole('link', { name: 'Topics and events' }).click();
    for (const topic of Object.keys(topics))
      await page.getByRole('region', { name: topic, exact: true }).waitFor();
    const topic = page.getByRole('region', { name: 'orders.events', exact: true });
    await topic.getByText('payment reads: OrderCreated: charge').waitFor();
    await topic.getByText('OrderCreated', { exact: true }).last().click();
    await topic.getByText('Minor units of the currency').first().waitFor();
  });

  it('tell of each endpoint what it takes and answers, with examples', async () => {
    const page = await openDocs();
    await page.getByRole('link', { name: 'API of order', exact: true }).click();
    await page.getByText('POST /orders', { exact: true }).click();
    await page.getByText('idempotency-key').first().waitFor();
    await page.getByText('Example declined').click();
    await page.getByLabel('Example declined').getByText('tok_chargeDeclined').waitFor();
  });
});
