import type { CancelReason, Money } from '@skald/contracts';

const LOCALE = 'en-GB';

interface MoneyFormat {
  readonly format: Intl.NumberFormat;
  /** Minor units in a major one. */
  readonly scale: number;
}

const moneyFormats = new Map<string, MoneyFormat>();

/** Asking a format for its options costs more than formatting does: once for each currency. */
function formatOf(currency: string): MoneyFormat {
  let known = moneyFormats.get(currency);
  if (known === undefined) {
    const format = new Intl.NumberFormat(LOCALE, { style: 'currency', currency });
    known = { format, scale: 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2) };
    moneyFormats.set(currency, known);
  }
  return known;
}

/** Money as people write it: 4990 cents → €49.90. Knows how many decimals each currency has. */
export function money({ amount, currency }: Money): string {
  const { format, scale } = formatOf(currency);
  return format.format(amount / scale);
}

const day = new Intl.DateTimeFormat(LOCALE, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
});

/** The day that was written last: mails of an hour promise the same few. */
let lastDay = { isoDate: '', text: '' };

/** A day as people write it: 2026-01-31 → Saturday, 31 January 2026. */
export function date(isoDate: string): string {
  if (lastDay.isoDate !== isoDate) lastDay = { isoDate, text: formatDay(isoDate) };
  return lastDay.text;
}

function formatDay(isoDate: string): string {
  // By its parts: how they are joined has changed from one version of ICU to the next.
  const parts = new Map(
    day.formatToParts(new Date(`${isoDate}T00:00:00Z`)).map(({ type, value }) => [type, value]),
  );
  return `${parts.get('weekday')}, ${parts.get('day')} ${parts.get('month')} ${parts.get('year')}`;
}

/** Why an order was cancelled, to whom it matters. */
export const reasons: Readonly<Record<CancelReason, string>> = {
  OUT_OF_STOCK: 'Unfortunately, something that you ordered has sold out.',
  PAYMENT_DECLINED: 'Unfortunately, your payment was declined. You may want to try another way to pay.',
  ADDRESS_UNSERVICEABLE: 'Unfortunately, none of our carriers delivers to your address.',
  CANCELLED_BY_CUSTOMER: 'You asked us to cancel it, and we have done so.',
  DEADLINE_PASSED: 'Unfortunately, we were not able to process it in time. We are sorry.',
};
