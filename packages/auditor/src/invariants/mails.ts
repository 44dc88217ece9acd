import { topicOf } from '@skald/contracts';
import type { Case } from '../case.ts';
import type { OrderStatus } from '../evidence/business-rows.ts';
import type { Heard } from '../evidence/chains.ts';
import { type Check, createFinding } from './violation.ts';

/** The mails that an order's customer gets, by how it ended. */
export const templatesFor = {
  PENDING: ['order-confirmation'],
  CONFIRMED: ['order-confirmation', 'shipment-scheduled'],
  CANCELLED: ['order-cancelled', 'order-confirmation'],
} as const;

/** Between a mail's own date, which has seconds, and the event that tells of it, ms. */
const MARGIN_MS = 5_000;

/**
 * Whether a mail that is told of as sent may be gone because the mailbox was emptied: its oldest mail says since when it
 * is whole. `isWhole`: nobody has emptied it.
 */
const mayBeDeleted = ({ evidence: { mailbox } }: Case, isWhole: boolean, { at }: Heard): boolean =>
  !isWhole && at < mailbox.since + MARGIN_MS;

/** How many mails are not there, and may have been deleted. */
export function deletedMails(it: Case, isWhole: boolean): number {
  const { chains, mailbox } = it.evidence;
  let deleted = 0;
  for (const { key, heard } of chains.in(topicOf('MailSent'))) {
    const got = mailbox.byOrder.get(key) ?? [];
    for (const sent of heard) {
      const isThere = got.some(({ template }) => template === sent.fact);
      if (!isThere && sent.name === 'MailSent' && mayBeDeleted(it, isWhole, sent)) deleted += 1;
    }
  }
  return deleted;
}

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
    for (const [id, { status }] of it.settled) judgeMails(it, id, status, isWhole, finding);
    return finding.done();
  };

function judgeMails(
  it: Case,
  id: string,
  status: OrderStatus,
  isWhole: boolean,
  finding: ReturnType<typeof createFinding>,
): void {
  const { mailbox, chains } = it.evidence;
  const got = mailbox.byOrder.get(id) ?? [];
  const templates = got.map(({ template }) => template).sort();
  const told = it.told(id, 'MailSent');
  const sent = told.map(({ fact }) => fact);
  const uncertain = new Set(it.told(id, 'MailUnknown').map(({ fact }) => fact));
  const deleted = new Set(told.filter((heard) => mayBeDeleted(it, isWhole, heard)).map(({ fact }) => fact));
  const certain = (template: string) => !uncertain.has(template);
  const wanted = templatesFor[status].filter(
    (template) => certain(template) && (templates.includes(template) || !deleted.has(template)),
  );
  if (got.length === 0) finding.look(wanted.length);
  if (templates.filter(certain).join() !== wanted.join()) {
    const kind = wanted.every((template) => templates.includes(template)) ? 'wrong' : 'lost';
    finding.blame(id, `is ${status}, and its customer got [${templates.join()}]`, kind);
  }
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
