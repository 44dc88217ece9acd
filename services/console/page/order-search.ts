import type { Status } from './order-status.ts';

/** What orders are looked for: all that holds at once. Empty texts hold of every order. */
export interface OrderSearch {
  readonly status: Status | 'all';
  /** Words in the names of products, or the beginning of an order's id. */
  readonly text: string;
  readonly customerId: string;
  readonly sku: string;
  /** The service that owes the next step. */
  readonly waitsFor: string;
  /** As typed, in whole units of the currency: `12.5`. */
  readonly minAmount: string;
  readonly maxAmount: string;
  /** Days of the reader's own time, both included: `2026-11-22`. */
  readonly from: string;
  readonly to: string;
}

export const everyOrder: OrderSearch = {
  status: 'all',
  text: '',
  customerId: '',
  sku: '',
  waitsFor: '',
  minAmount: '',
  maxAmount: '',
  from: '',
  to: '',
};

/** Those that stand behind "More filters". */
export const detailFields = ['customerId', 'sku', 'minAmount', 'maxAmount', 'from', 'to'] as const;
export type DetailField = (typeof detailFields)[number];

export const hasDetails = (search: OrderSearch): boolean => detailFields.some((name) => search[name] !== '');

/** As order-view takes it; without the status. */
export function queryOf(search: OrderSearch): URLSearchParams {
  const { text, customerId, sku, waitsFor, minAmount, maxAmount, from, to } = search;
  const fields: readonly (readonly [name: string, value: string | undefined])[] = [
    ['text', text.trim()],
    ['customerId', customerId.trim()],
    ['sku', sku.trim()],
    ['waitsFor', waitsFor],
    ['minAmount', minorUnits(minAmount)],
    ['maxAmount', minorUnits(maxAmount)],
    ['from', startOf(from, 0)],
    ['to', startOf(to, 1)],
  ];
  return new URLSearchParams(
    fields.flatMap(([name, value]): [string, string][] => (value ? [[name, value]] : [])),
  );
}

const minorUnits = (amount: string): string | undefined =>
  amount.trim() === '' || Number.isNaN(Number(amount)) ? undefined : String(Math.round(Number(amount) * 100));

/** When a day begins, or the one `later` days after it. */
function startOf(day: string, later: number): string | undefined {
  const [year, month, date] = day.split('-').map(Number);
  if (year === undefined || month === undefined || date === undefined) return undefined;
  const at = new Date(year, month - 1, date + later);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

/** What the order service can't look for, it is asked for without; the names of the filters that then don't hold. */
export const unheldByOrder = (search: OrderSearch): readonly string[] =>
  (['sku', 'waitsFor', 'minAmount', 'maxAmount', 'from', 'to'] as const).filter(
    (name) => search[name] !== '',
  );

/** The rest of a search, where there is only a list to look through. */
export function isFound(
  { text, customerId }: OrderSearch,
  order: { readonly orderId: string; readonly customerId: string; readonly reason?: string },
): boolean {
  const words = `${order.orderId} ${order.customerId} ${order.reason ?? ''}`.toLowerCase();
  const isOfCustomer = customerId.trim() === '' || order.customerId === customerId.trim();
  return isOfCustomer && words.includes(text.trim().toLowerCase());
}
