import type { CancelReason, Money } from '@skald/contracts';

const LOCALE = 'en-GB';
const formats = new Map<string, Intl.NumberFormat>();

function formatOf(currency: string): Intl.NumberFormat {
  let format = formats.get(currency);
  if (format === undefined) {
    format = new Intl.NumberFormat(LOCALE, { style: 'currency', currency });
    formats.set(currency, format);
  }
  return format;
}

/** Money as people write it: 4990 cents → €49.90. Knows how many decimals each currency has. */
export function money({ amount, currency }: Money): string {
  const format = formatOf(currency);
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

const day = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'full', timeZone: 'UTC' });

/** A day as people write it: 2026-01-31 → Saturday 31 January 2026. */
export const date = (isoDate: string): string => day.format(new Date(`${isoDate}T00:00:00Z`));

/** Why an order was cancelled, to whom it matters. */
export const reasons: Readonly<Record<CancelReason, string>> = {
  OUT_OF_STOCK: 'Unfortunately, something that you ordered has sold out.',
  PAYMENT_DECLINED: 'Unfortunately, your payment was declined. You may want to try another way to pay.',
  ADDRESS_UNSERVICEABLE: 'Unfortunately, none of our carriers delivers to your address.',
  CANCELLED_BY_CUSTOMER: 'You asked us to cancel it, and we have done so.',
  DEADLINE_PASSED: 'Unfortunately, we were not able to process it in time. We are sorry.',
};
