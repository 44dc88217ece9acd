import type { EmailTemplate } from '@skald/contracts';
import type { MailAnswer } from './mail.ts';
import type { Message } from './templates.ts';

/** A mail, ready to go. Personal data. */
export interface OutgoingMail extends Message {
  readonly orderId: string;
  readonly template: EmailTemplate;
  readonly notificationId: string;
  readonly to: { readonly name: string; readonly address: string };
}

/** Who takes mails out of the house. */
export interface Mailer {
  /** Whether a mail may be handed over twice, because nobody gets it anyway. */
  readonly isRepeatable: boolean;
  /** How many mails of each template may be on their way at once. */
  readonly concurrency: number;
  /**
   * Throws TransientError only when it is certain that the mail has not left and may leave later; all else is an answer,
   * without a word of what is personal.
   */
  send(mail: OutgoingMail, signal: AbortSignal): Promise<MailAnswer>;
  close(): Promise<void>;
}

/** Throws every mail away: for benchmarks. */
export const createDiscardingMailer = (): Mailer => ({
  isRepeatable: true,
  concurrency: 512,
  send: async () => ({ status: 'sent' }),
  close: async () => {},
});
