import type { CancelReason } from '@skald/contracts';
import { cancelReasons } from '@skald/contracts';
import { describe, expect, it } from 'vitest';
import { html } from './html.ts';
import type { Letter } from './letter.ts';
import { render } from './templates.ts';
import { date, money, reasons } from './wording.ts';

const addressed = {
  orderId: '01900000-0000-7000-8000-000000000001',
  notificationId: '01900000-0000-7000-8000-0000000000aa',
  email: 'ada@example.com',
  name: 'Ada',
};
const confirmation: Letter<'order-confirmation'> = {
  ...addressed,
  template: 'order-confirmation',
  lines: [
    { sku: 'SKU-0001', name: 'Lamp', quantity: 2, unitPrice: { amount: 1_999, currency: 'EUR' } },
    { sku: 'SKU-0002', name: 'Desk & chair', quantity: 1, unitPrice: { amount: 123_456, currency: 'EUR' } },
  ],
  total: { amount: 127_454, currency: 'EUR' },
};
const shipment: Letter<'shipment-scheduled'> = {
  ...addressed,
  template: 'shipment-scheduled',
  carrier: 'Hugin & Munin',
  trackingNumber: 'HM-42',
  promisedDate: '2026-01-31',
};
const cancellation = (reason: CancelReason): Letter => ({
  ...addressed,
  template: 'order-cancelled',
  reason,
});

describe('a confirmation', () => {
  it('lists what was ordered, with prices and total, in text and in HTML', () => {
    const { subject, text, html: page } = render(confirmation);
    expect(subject).toBe('We have received your order');
    expect(text).toContain('2 × Lamp (SKU-0001) at €19.99: €39.98');
    expect(text).toContain('1 × Desk & chair (SKU-0002) at €1,234.56: €1,234.56');
    expect(text).toContain('Total: €1,274.54');
    for (const part of ['Lamp', 'SKU-0001', '€39.98', 'Desk &amp; chair', '€1,274.54'])
      expect(page).toContain(part);
  });

  it('lets nothing that people typed become markup', () => {
    const evil = `<script>alert("x")</script>'&`;
    const { html: page } = render({
      ...confirmation,
      name: evil,
      lines: [{ sku: evil, name: evil, quantity: 1, unitPrice: { amount: 1, currency: 'EUR' } }],
    });
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;&amp;');
  });

  it('lets nothing that people typed begin a line of its own', () => {
    const { text } = render({ ...confirmation, name: 'Ada\r\n\r\nYour order is free\u2028Skald' });
    expect(text).toContain('Hello Ada Your order is free Skald,');
  });
});

describe('a shipment', () => {
  it('says who comes, when, and under which number', () => {
    const { subject, text, html: page } = render(shipment);
    expect(subject).toBe('Your order is on its way');
    for (const part of ['Hugin & Munin', 'Saturday, 31 January 2026', 'HM-42']) expect(text).toContain(part);
    for (const part of ['Hugin &amp; Munin', 'Saturday, 31 January 2026', 'HM-42'])
      expect(page).toContain(part);
  });
});

describe('a cancellation', () => {
  it.each(cancelReasons)('has friendly words for %s', (reason) => {
    const { subject, text, html: page } = render(cancellation(reason));
    expect(subject).toBe('Your order has been cancelled');
    expect(text).toContain(reasons[reason]);
    expect(page).toContain(reasons[reason]);
    expect(text).not.toContain(reason);
  });

  it('has words of its own for each reason', () => {
    expect(new Set(Object.values(reasons)).size).toBe(cancelReasons.length);
  });
});

describe('every mail', () => {
  it.each([confirmation, shipment, cancellation('OUT_OF_STOCK')])(
    'greets, and names the order ($template)',
    (letter) => {
      const { subject, text, html: page } = render(letter);
      expect(text).toMatch(/^Hello Ada,\n/);
      expect(text).toContain(`Order ${addressed.orderId}`);
      expect(page).toMatch(/^<!doctype html>/);
      expect(page).toContain('<p>Hello Ada,</p>');
      expect(page).toContain(`<title>${subject}</title>`);
      expect(page).toContain(`Order ${addressed.orderId}`);
      for (const content of [text, page]) {
        expect(content).not.toMatch(/undefined|null|NaN|\[object/);
        expect(content).not.toContain(addressed.email);
      }
    },
  );
});

describe('money', () => {
  it.each([
    [0, 'EUR', '€0.00'],
    [5, 'EUR', '€0.05'],
    [4_990, 'EUR', '€49.90'],
    [100_000_000_000, 'EUR', '€1,000,000,000.00'],
    [99_999_999_999, 'EUR', '€999,999,999.99'],
    [4_990, 'GBP', '£49.90'],
    [4_990, 'JPY', 'JP¥4,990'],
    [4_990, 'KWD', 'KWD 4.990'],
  ])('of %i minor units of %s is %s', (amount, currency, written) => {
    expect(money({ amount, currency }).replaceAll('\u00a0', ' ')).toBe(written);
  });
});

describe('a date', () => {
  it('is the day that was promised, wherever we are', () => {
    expect(date('2026-02-01')).toBe('Sunday, 1 February 2026');
  });
});

describe('html', () => {
  it('escapes values, and takes HTML as it is', () => {
    expect(html`<p>${'<&>'}${html`<b>${'"'}</b>`}${[html`<i></i>`, html`<u></u>`]}</p>`.html).toBe(
      '<p>&lt;&amp;&gt;<b>&quot;</b><i></i><u></u></p>',
    );
  });
});
