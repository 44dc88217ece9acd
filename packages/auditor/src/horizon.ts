import { topics } from '@skald/contracts';
import type { Evidence } from './evidence/evidence.ts';

const timeOf = (ms: number): string => new Date(ms).toISOString();

/** Where a witness doesn't reach back to the beginning: what lies before was not judged by it. */
export function horizonOf(evidence: Evidence, deletedMails: number): string[] {
  const { outboxes, starts, mailbox } = evidence;
  const lines: string[] = [];
  for (const [service, { firstPosition, firstAt, entries }] of outboxes) {
    if (firstPosition === 1) continue;
    lines.push(
      entries === 0
        ? `${service}’s outbox is empty: ids of its events were compared with nothing (9)`
        : `${service}’s outbox begins at position ${firstPosition}, ${timeOf(firstAt)}: ids before it were not compared (9)`,
    );
  }
  for (const [place, start] of starts)
    lines.push(`${place} begins at offset ${start}: older records were deleted`);
  for (const { name } of Object.values(topics)) {
    let late = 0;
    for (const { heard } of evidence.chains.in(name)) if ((heard[0]?.sequence ?? 1) > 1) late += 1;
    if (late > 0) lines.push(`${name} no longer has the beginning of ${late} keys (10)`);
  }
  if (deletedMails > 0) {
    const since = Number.isFinite(mailbox.since) ? `begins at ${timeOf(mailbox.since)}` : 'is empty';
    lines.push(`the mailbox ${since}: ${deletedMails} mails that were sent before are not there (8)`);
  }
  return lines;
}
