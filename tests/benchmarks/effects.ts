import { setTimeout as sleep } from 'node:timers/promises';
import type { Contender, StockLevel } from './contender.ts';
import type { LoadAudit } from './load-protocol.ts';

/** What each SKU begins with, for every contender. */
const initialStock = 1_000_000;
/** Stock is shipped after the confirmation: so long may it take to catch up. */
const patienceMs = 60_000;

/**
 * A fast contender that loses orders wins nothing. Answers what is wrong, in words: every accepted order must be
 * confirmed by one event, and the pieces of each SKU must add up to what was ordered.
 */
export async function findWrongEffects(
  contender: Contender,
  audit: LoadAudit,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const problems = promisesBroken(audit);
  const deadline = performance.now() + patienceMs;
  for (const [sku, pieces] of Object.entries(audit.pieces)) {
    let problem = judgeStock(sku, pieces, await contender.stockOf(sku), audit.unclaimed);
    while (problem !== undefined && performance.now() < deadline) {
      await sleep(200, undefined, { signal });
      problem = judgeStock(sku, pieces, await contender.stockOf(sku), audit.unclaimed);
    }
    if (problem !== undefined) problems.push(problem);
  }
  return problems.length > 10 ? [...problems.slice(0, 10), `… ${problems.length - 10} more`] : problems;
}

export function promisesBroken(audit: LoadAudit): string[] {
  const problems: string[] = [];
  if (audit.lost > 0) problems.push(`${audit.lost} accepted orders were never confirmed`);
  if (audit.confirmedTwice > 0) problems.push(`${audit.confirmedTwice} orders were confirmed twice`);
  if (audit.unclaimed > audit.unanswered) {
    problems.push(`${audit.unclaimed} orders confirmed that nobody placed`);
  }
  return problems;
}

/** `unclaimed` orders came from POSTs without an answer; what they hold isn't known. */
export function judgeStock(
  sku: string,
  pieces: number,
  { onHand, reserved, shipped }: StockLevel,
  unclaimed: number,
): string | undefined {
  if (onHand + reserved + shipped !== initialStock) {
    return `${sku}: ${onHand} on hand + ${reserved} reserved + ${shipped} shipped isn't ${initialStock}`;
  }
  if (reserved !== 0) return `${sku}: ${reserved} still reserved`;
  const isRight = unclaimed === 0 ? shipped === pieces : shipped >= pieces;
  return isRight ? undefined : `${sku}: ${pieces} pieces confirmed, ${shipped} shipped`;
}
