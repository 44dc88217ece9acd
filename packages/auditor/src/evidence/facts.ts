import type { TopicEvent } from '../event-decoder.ts';
import { digestId } from './digest.ts';

/** What is judged of an event's content, as one short text; undefined where that it came says it all. No personal data. */
export function factOf({ name, data }: TopicEvent): string | undefined {
  switch (name) {
    case 'StockReserved':
    case 'StockReservationCancelled':
    case 'StockShipped':
      return linesOf(data.lines);
    case 'OrderCancelled':
      return data.reason;
    case 'PaymentCompleted':
      return data.chargeId;
    case 'PaymentRefunded':
      return String(data.amount.amount);
    case 'EmailNotification':
      return `${data.template} ${digestAddress(data.email)}`;
    case 'MailSent':
    case 'MailUnknown':
      return data.template;
    case 'OrderReadModel':
      return data.status;
    case 'ProductListed':
      return `${data.unitPrice.amount} ${data.unitPrice.currency} ${data.name}`;
    default:
      return undefined;
  }
}

/** `SKU-0001 2, SKU-0002 1`: each SKU once, sorted. */
export function linesOf(lines: readonly { readonly sku: string; readonly quantity: number }[]): string {
  return lines
    .map(({ sku, quantity }) => `${sku} ${quantity}`)
    .sort()
    .join(', ');
}

/** The units of such a text, by SKU. */
export const unitsOf = (lines: string): (readonly [sku: string, quantity: number])[] =>
  lines === ''
    ? []
    : lines.split(', ').map((line) => {
        const at = line.lastIndexOf(' ');
        return [line.slice(0, at), Number(line.slice(at + 1))] as const;
      });

/** An address is compared, never shown. */
export const digestAddress = (address: string): string => digestId(address.toLowerCase()).toString(36);
