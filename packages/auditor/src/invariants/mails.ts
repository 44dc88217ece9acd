import { topicOf } from '@skald/contracts';
import type { Case } from '../case.ts';
import type { OrderStatus } from '../evidence/business-rows.ts';
import { type Check, createFinding } from './violation.ts';

/** The mails that an order's customer gets, by how it ended. */
export const templatesFor = {
  PENDING: ['order-confirmation'],
  CONFIRMED: ['order-confirmation', 'shipment-scheduled'],
  CANCELLED: ['order-cancelled', 'order-confirmation'],
} as const;

/** Between a mail's own date and the event that tells of it, ms. */
const MARGIN_MS = 5_000;

/**
 * When the mailbox begins, epoch ms: it is emptied now and then, and the oldest mail says since when it is whole.
 * `isWhole`: nobody has emptied it, so that nothing at all in it says something too.
 */
export const mailboxSince = ({ mailbox }: Case['evidence'], isWhole: boolean): number =>
  isWhole ? 0 : mailbox.since + MARGIN_MS;

/**
 * 8. One mail at most for each order and template: in the mailbox alone, at all times. To its customer, just those that its
 * end asks for, as far back as the mailbox reaches: once nothing moves.
 */
export const oneMailEach =
  (isWhole: boolean): Check =>
  (it) => {
    const finding = createFinding(8);
    const { mailbox, business, second } = it.evidence;
    for (const [id, mails] of mailbox.byOrder) {
      finding.look(mails.length);
      const templates = mails.map(({ template }) => template).sort();
      if (new Set(templates).size !== templates.length)
        finding.blame(id, `its customer got one twice: ${templates.join()}`, 'duplicated');
      if (!business.orders.has(id) && !second.orders.has(id))
        finding.blame(id, 'got a mail, and is no order');
    }
    const since = mailboxSince(it.evidence, isWhole);
    for (const [id, { status, createdAt }] of it.settled) {
      if (createdAt >= since) judgeMails(it, id, status, finding);
    }
    return finding.done();
  };

function judgeMails(it: Case, id: string, status: OrderStatus, finding: ReturnType<typeof createFinding>): void {
  const { mailbox, chains } = it.evidence;
  const got = mailbox.byOrder.get(id) ?? [];
  if (got.length === 0) finding.look();
  const uncertain = new Set(it.told(id, 'MailUnknown').map(({ fact }) => fact));
  const certain = (template: string) => !uncertain.has(template);
  const templates = got.map(({ template }) => template).sort();
  const wanted: readonly string[] = templatesFor[status];
  if (templates.filter(certain).join() !== wanted.filter(certain).join()) {
    const kind = wanted.every((template) => !certain(template) || templates.includes(template)) ? 'wrong' : 'lost';
    finding.blame(id, `is ${status}, and its customer got [${templates.join()}]`, kind);
  }
  const sent = it.told(id, 'MailSent').map(({ fact }) => fact);
  for (const template of templates) {
    if (certain(template) && !sent.includes(template))
      finding.blame(id, `its ${template} arrived, and is not told of`);
  }
  // What asked for them is deleted after some days.
  if (chains.of(topicOf('EmailNotification'), id) === undefined) return;
  const asked = new Set(it.told(id, 'EmailNotification').map(({ fact }) => fact));
  for (const { template, to } of got) {
    if (!asked.has(`${template} ${to}`)) finding.blame(id, `its ${template} went to somebody else`);
  }
}
