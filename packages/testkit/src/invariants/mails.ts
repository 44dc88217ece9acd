import { type Check, groupBy, type Violation } from './violation.ts';

/** The mails that an order's customer gets, by how it ended. */
export const templatesFor = {
  PENDING: ['order-confirmation'],
  CONFIRMED: ['order-confirmation', 'shipment-scheduled'],
  CANCELLED: ['order-cancelled', 'order-confirmation'],
} as const;

/** 8. One mail at most for each order and template, to its customer; just those that its end asks for. */
export const oneMailEach: Check = ({ orders, mails }, story) => {
  const violations: Violation[] = [];
  const byOrder = groupBy(mails, ({ headers }) => headers['x-order-id'] ?? '');
  for (const [subject, { status }] of orders) {
    const blame = (says: string, evidence?: unknown) =>
      violations.push({ invariant: 8, subject, says, evidence });
    const got = byOrder.get(subject) ?? [];
    const uncertain = new Set(story.of(subject, 'MailUnknown').map(({ data }) => data.template as string));
    const templates = got.map(({ headers }) => headers['x-template'] ?? '').sort();
    const certain = (template: string) => !uncertain.has(template);
    if (String(templates.filter(certain)) !== String(templatesFor[status].filter(certain))) {
      blame(`is ${status}, and its customer got [${templates.join()}]`);
    }
    if (new Set(templates).size !== templates.length)
      blame(`its customer got one twice: ${templates.join()}`);
    const sent = story.of(subject, 'MailSent').map(({ data }) => data.template as string);
    for (const template of templates) {
      if (certain(template) && !sent.includes(template)) blame(`its ${template} arrived, and is not told of`);
    }
    const addressees = new Set(story.of(subject, 'EmailNotification').map(({ data }) => data.email));
    for (const { to } of got) if (!addressees.has(to)) blame(`a mail of its went to ${to}`);
  }
  for (const orderId of byOrder.keys()) {
    if (orderId !== '' && !orders.has(orderId)) {
      violations.push({ invariant: 8, subject: orderId, says: 'got a mail, and is no order' });
    }
  }
  return violations;
};
