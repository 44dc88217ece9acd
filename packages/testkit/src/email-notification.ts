import { randomUUID } from 'node:crypto';
import type { Events } from '@skald/contracts';

type EmailNotification = Events['EmailNotification'];

/** What email is told to send, without what a template needs of its own: that is null until it is given. */
export const createEmailNotification = (contents: Partial<EmailNotification> = {}): EmailNotification => ({
  notificationId: randomUUID(),
  orderId: randomUUID(),
  template: 'order-cancelled',
  email: 'ada@example.com',
  name: 'Ada Lovelace',
  lines: null,
  total: null,
  reason: null,
  carrier: null,
  trackingNumber: null,
  promisedDate: null,
  ...contents,
});
