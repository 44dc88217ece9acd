// Generated from schemas/ by `npm run generate`. Changes made here are lost.
import type { EmailTemplate } from './values.ts';

/** The mail server has accepted the mail. */
export interface MailSent {
  /** The order, UUIDv7; the partition key. */
  readonly orderId: string;
  /** The notification that asked for it, UUIDv7. */
  readonly notificationId: string;
  /** Which mail. */
  readonly template: EmailTemplate;
  /** When, epoch ms. */
  readonly sentAt: number;
}

/** The mail may or may not have left. It is never sent again by itself. */
export interface MailUnknown {
  /** The order, UUIDv7; the partition key. */
  readonly orderId: string;
  /** The notification that asked for it, UUIDv7. */
  readonly notificationId: string;
  /** Which mail. */
  readonly template: EmailTemplate;
  /** What kept us from knowing; no address. */
  readonly cause: string;
  /** When we gave up, epoch ms. */
  readonly at: number;
}
