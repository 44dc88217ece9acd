import { type Look, printable } from '@skald/command-line';
import type { Verification } from './verify.ts';

/** How many are printed: the JSON has all. */
const SHOWN = 20;

export function tableOfVerification(found: Verification, { paint }: Look): string {
  const { orders, events, open, movedOn, disagreements, durationMs, verdict } = found;
  const moved = movedOn === 0 ? '' : `, ${movedOn} moved on meanwhile and compared as they had been`;
  const shown = disagreements
    .slice(0, SHOWN)
    .map(({ orderId, says }) => `  ${paint('bold', printable(orderId))}  ${printable(says)}`);
  const more = disagreements.length - shown.length;
  const lines = [
    ...shown,
    ...(more > 0 ? [`  … and ${more} more (--json has them all)`] : []),
    `${orders} orders of ${events} events folded, ${open} not ended yet${moved}`,
    verdict === 'same'
      ? `${paint('green', 'The same')} in the order service's database, after ${(durationMs / 1_000).toFixed(1)} s`
      : `${paint('red', `${disagreements.length} disagreements`)} with the order service's database`,
  ];
  return `${lines.join('\n')}\n`;
}
