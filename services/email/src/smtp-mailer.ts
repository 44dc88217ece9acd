import { setMaxListeners } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { emailTemplates } from '@skald/contracts';
import { TransientError } from '@skald/messaging';
import { createTransport } from 'nodemailer';
import type { MailAnswer } from './mail.ts';
import type { Mailer, OutgoingMail } from './mailer.ts';
import { classify } from './smtp-failure.ts';
import { oneLine } from './templates.ts';

export interface SmtpOptions {
  /** smtp://user:password@host:port, or smtps:// */
  readonly url: string;
  /** Skald <orders@skald.example> */
  readonly from: string;
  /** Mails of each template at once; each on a connection of its own. */
  readonly concurrency: number;
  /** How long a connection may take to be made, ms. */
  readonly connectTimeoutMs?: number;
  /** How long the server may be silent in the middle of a mail, ms. */
  readonly silenceTimeoutMs?: number;
  /** How long mails that are on their way may take once we are told to stop, ms: less than the kernel waits. */
  readonly stopPatienceMs?: number;
}

/** Hands mails to an SMTP server, over a pool of connections that stay open. */
export function createSmtpMailer(options: SmtpOptions): Mailer {
  const {
    url,
    from,
    concurrency,
    connectTimeoutMs = 5_000,
    silenceTimeoutMs = 30_000,
    stopPatienceMs = 1_500,
  } = options;
  const host = hostOf(from);
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: concurrency * emailTemplates.length,
    maxMessages: 1_000,
    // What is tried again, and when, is decided by whoever knows what that means: not by the pool.
    maxRequeues: 0,
    dnsTimeout: connectTimeoutMs,
    connectionTimeout: connectTimeoutMs,
    greetingTimeout: connectTimeoutMs,
    socketTimeout: silenceTimeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });

  /** What of each mail has been read by its connection: a server can have accepted only what went out to the end. */
  const streams = new Map<string, Readable>();
  transport.use('stream', (mail, done) => {
    mail.message.processFunc((content) => {
      const stream = content.pipe(new PassThrough());
      content.once('error', (error) => stream.destroy(error));
      streams.set(mail.message.messageId(), stream);
      return stream;
    });
    done();
  });

  /** Goes off a moment after we are told to stop: what a silent server holds up then is given back, if it still can be. */
  const cut = new AbortController();
  // One for each mail on its way.
  setMaxListeners(0, cut.signal);
  const watched = new WeakSet<AbortSignal>();
  function cutShortAfter(signal: AbortSignal): void {
    if (watched.has(signal)) return;
    watched.add(signal);
    signal.addEventListener('abort', () => setTimeout(() => cut.abort(), stopPatienceMs).unref(), {
      once: true,
    });
  }

  async function send(mail: OutgoingMail, signal: AbortSignal): Promise<MailAnswer> {
    cutShortAfter(signal);
    if (signal.aborted) throw new TransientError('STOPPING', 'This instance is stopping');
    const { orderId, template, notificationId, to, subject, text, html } = mail;
    const messageId = `<${template}.${orderId}@${host}>`;
    try {
      await transport.sendMail({
        from,
        to: { name: oneLine(to.name), address: to.address },
        subject,
        text,
        html,
        messageId,
        signal: cut.signal,
        headers: {
          'X-Order-Id': orderId,
          'X-Template': template,
          'X-Notification-Id': notificationId,
          'Auto-Submitted': 'auto-generated',
        },
      });
      return { status: 'sent' };
    } catch (error) {
      return classify(error, streams.get(messageId)?.readableEnded ?? false);
    } finally {
      streams.delete(messageId);
    }
  }

  return {
    isRepeatable: false,
    concurrency,
    send,
    close: async () => transport.close({ force: true }),
  };
}

/** The domain that Message-IDs are made in: that of the sender. */
const hostOf = (from: string): string => /@([A-Za-z0-9.-]+)>?\s*$/.exec(from)?.[1] ?? 'localhost';
