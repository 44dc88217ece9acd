import { topics } from '@skald/contracts';
import type { Evidence } from './evidence/evidence.ts';
import { mailboxSince } from './invariants/mails.ts';

const timeOf = (ms: number): string => new Date(ms).toISOString();

/** Where a witness doesn't reach back to the beginning: what lies before was not judged by it. */
export function horizonOf(evidence: Evidence, mailboxIsWhole: boolean): string[] {
  const { outboxes, starts, business } = evidence;
  const lines: string[] = [];
  for (const [service, { firstPosition, firstAt, entries }] of outboxes) {
    if (firstPosition === 1) continue;
    lines.push(
      entries === 0
        ? `${service}’s outbox is empty: ids of its events were compared with nothing (9)`
        : `${service}’s outbox begins at position ${firstPosition}, ${timeOf(firstAt)}: ids before it were not compared (9)`,
    );
  }
  for (const [place, start] of starts) lines.push(`${place} begins at offset ${start}: older records were deleted`);
  const deleted = Object.values(topics).filter(({ retentionMs }) => retentionMs !== undefined);
  for (const { name, retentionMs = 0 } of deleted)
    lines.push(`${name} keeps ${retentionMs / 86_400_000} days: sequences may begin late (10)`);
  const since = mailboxSince(evidence, mailboxIsWhole);
  const before = [...business.orders.values()].filter(({ createdAt }) => createdAt < since).length;
  if (before > 0) {
    const begins = Number.isFinite(since) ? `begins at ${timeOf(since)}` : 'is empty';
    lines.push(`the mailbox ${begins}: mails of ${before} orders before were not missed (8)`);
  }
  return lines;
}
