import type { EmailTemplate, OrderLine } from '@skald/contracts';
import { type Html, html } from './html.ts';
import type { Letter } from './letter.ts';
import { date, money, reasons } from './wording.ts';

/** A mail's words. */
export interface Message {
  /** Says nothing that a customer has typed. */
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What a template has to say, twice: between greeting and signature. */
interface Body {
  readonly subject: string;
  readonly text: string;
  readonly html: Html;
}

/** Renders a letter, as text and as HTML. */
export function render(letter: Letter): Message {
  const template = templates[letter.template] as (letter: Letter) => Body;
  const { subject, text, html: body } = template(letter);
  return { subject, text: asText(letter, text), html: asPage(letter, subject, body).html };
}

const templates: { readonly [Template in EmailTemplate]: (letter: Letter<Template>) => Body } = {
  'order-confirmation': ({ lines, total }) => ({
    subject: 'We have received your order',
    text: `thank you for your order. This is what we have noted:

${lines.map(textLine).join('\n')}

Total: ${money(total)}

We will write again as soon as it is on its way.`,
    html: html`<p>thank you for your order. This is what we have noted:</p>
<table role="presentation" cellpadding="6" style="border-collapse:collapse;width:100%">
${lines.map(htmlLine)}
<tr><td colspan="2" style="border-top:2px solid #333"><strong>Total</strong></td><td style="border-top:2px solid #333;text-align:right"><strong>${money(total)}</strong></td></tr>
</table>
<p>We will write again as soon as it is on its way.</p>`,
  }),

  'shipment-scheduled': ({ carrier, trackingNumber, promisedDate }) => ({
    subject: 'Your order is on its way',
    text: `good news: your order is confirmed, and ${carrier} will deliver it.

Arrives: ${date(promisedDate)}
Tracking number: ${trackingNumber}`,
    html: html`<p>good news: your order is confirmed, and ${carrier} will deliver it.</p>
<p>Arrives: <strong>${date(promisedDate)}</strong><br>Tracking number: <strong>${trackingNumber}</strong></p>`,
  }),

  'order-cancelled': ({ reason }) => ({
    subject: 'Your order has been cancelled',
    text: `your order has been cancelled. ${reasons[reason]}

Nothing is left to pay: should we have charged you already, the whole amount is on its way back to you.`,
    html: html`<p>your order has been cancelled. ${reasons[reason]}</p>
<p>Nothing is left to pay: should we have charged you already, the whole amount is on its way back to you.</p>`,
  }),
};

const textLine = ({ name, sku, quantity, unitPrice }: OrderLine): string =>
  `${quantity} × ${oneLine(name)} (${oneLine(sku)}) at ${money(unitPrice)}: ${money(sumOf({ quantity, unitPrice }))}`;

const htmlLine = ({ name, sku, quantity, unitPrice }: OrderLine): Html =>
  html`<tr><td style="text-align:right">${String(quantity)} ×</td><td>${name} <span style="color:#666">${sku}, ${money(unitPrice)} each</span></td><td style="text-align:right">${money(sumOf({ quantity, unitPrice }))}</td></tr>
`;

const sumOf = ({ quantity, unitPrice }: Pick<OrderLine, 'quantity' | 'unitPrice'>) => ({
  amount: quantity * unitPrice.amount,
  currency: unitPrice.currency,
});

/** What people typed stays on its line, and can't pose as ours. */
export const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();

const asText = ({ name, orderId }: Letter, body: string): string => `Hello ${oneLine(name)},

${body}

Kind regards
Skald

Order ${orderId}
`;

const asPage = ({ name, orderId }: Letter, subject: string, body: Html): Html => html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${subject}</title></head>
<body style="font-family:system-ui,sans-serif;line-height:1.5;color:#222;max-width:36em;margin:2em auto;padding:0 1em">
<p>Hello ${oneLine(name)},</p>
${body}
<p>Kind regards<br>Skald</p>
<p style="color:#666;font-size:small">Order ${orderId}</p>
</body>
</html>
`;
