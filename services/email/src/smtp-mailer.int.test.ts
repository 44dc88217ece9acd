import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import type { Mailer, OutgoingMail } from './mailer.ts';
import { createSmtpMailer } from './smtp-mailer.ts';

const orderId = '01900000-0000-7000-8000-000000000001';
const address = 'ada@example.com';
const mail: OutgoingMail = {
  orderId,
  template: 'order-confirmation',
  notificationId: '01900000-0000-7000-8000-0000000000aa',
  to: { name: 'Ada', address },
  subject: 'We have received your order',
  text: 'Hello Ada',
  html: '<p>Hello Ada</p>',
};
const signal = new AbortController().signal;
const isTransient = expect.objectContaining({ name: 'TransientError', code: 'MAIL_NOT_ACCEPTED' }) as unknown;

/** An answer of the server's, as smtp-server wants it. */
const refusal = (responseCode: number, message: string) =>
  Object.assign(new Error(message), { responseCode });

const closers: (() => Promise<unknown> | undefined)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function connect(port: number): Mailer {
  const mailer = createSmtpMailer({
    url: `smtp://127.0.0.1:${port}`,
    from: 'Skald <orders@skald.example>',
    concurrency: 2,
    connectTimeoutMs: 2_000,
    silenceTimeoutMs: 2_000,
    stopPatienceMs: 50,
  });
  closers.push(() => mailer.close());
  return mailer;
}

/** A real SMTP server, and what it has received. */
async function serve(options: SMTPServerOptions = {}) {
  const received: string[] = [];
  let sessions = 0;
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onConnect(_session, done) {
      sessions += 1;
      done();
    },
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        received.push(Buffer.concat(chunks).toString());
        done();
      });
    },
    ...options,
  });
  server.on('error', () => {});
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  closers.push(() => new Promise<void>((resolve) => server.close(resolve)));
  const { port } = listening.address() as AddressInfo;
  return { mailer: connect(port), received, sessions: () => sessions, port };
}

/** A server that says what it is told to: `false` hangs up, nothing is silence. `data` is asked for each chunk of a mail. */
interface Script {
  greeting?: string | false;
  data?(content: string): string | false | undefined;
}

async function play({ greeting = '220 ready', data }: Script) {
  const sockets = new Set<Socket>();
  const say = (socket: Socket, line: string | false | undefined) => {
    if (line === false) socket.destroy();
    else if (line !== undefined) socket.write(`${line}\r\n`);
  };
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    let content: string | undefined;
    say(socket, greeting);
    socket.on('data', (chunk) => {
      const text = chunk.toString();
      if (content !== undefined) {
        content += text;
        return say(socket, data?.(content));
      }
      if (text.startsWith('DATA')) content = '';
      say(socket, text.startsWith('DATA') ? '354 go on' : '250 fine');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return connect((server.address() as AddressInfo).port);
}

/** A signal, and what sets it off. */
function stopLater() {
  const stopping = new AbortController();
  const stop = (): undefined => {
    stopping.abort();
  };
  return { stopped: stopping.signal, stop };
}

const isWhole = (content: string): boolean => content.endsWith('\r\n.\r\n');

describe('a mail', () => {
  it('arrives, with headers that order and template make', async () => {
    const { mailer, received } = await serve();
    expect(await mailer.send(mail, signal)).toEqual({ status: 'sent' });
    expect(received).toHaveLength(1);
    // Unfolded; and a header's name may be written in any case.
    const written = received[0]?.replace(/\r\n\s/g, ' ').toLowerCase();
    for (const header of [
      'From: Skald <orders@skald.example>',
      'To: Ada <ada@example.com>',
      'Subject: We have received your order',
      `Message-ID: <order-confirmation.${orderId}@skald.example>`,
      `X-Order-Id: ${orderId}`,
      'X-Template: order-confirmation',
      `X-Notification-Id: ${mail.notificationId}`,
      'Auto-Submitted: auto-generated',
      'Content-Type: multipart/alternative',
    ]) {
      expect(written).toContain(header.toLowerCase());
    }
    expect(received[0]).toContain('Hello Ada');
    expect(received[0]).toContain('<p>Hello Ada</p>');
  });

  it('has no headers that people typed', async () => {
    const { mailer, received } = await serve();
    const name = 'Ada\r\nBcc: eve@example.com\r\n\r\nBody "x" <eve@example.com>,';
    await mailer.send({ ...mail, to: { name, address } }, signal);
    const [headers = ''] = received[0]?.split('\r\n\r\n') ?? [];
    expect(headers).not.toMatch(/^Bcc:/im);
    expect(headers.match(/^To:/gim)).toHaveLength(1);
    expect(headers).toContain(address);
  });

  it('goes to nobody but its recipient', async () => {
    const recipients: string[] = [];
    const { mailer } = await serve({
      onRcptTo(recipient, _session, done) {
        recipients.push(recipient.address);
        done();
      },
    });
    await mailer.send({ ...mail, to: { name: 'Eve <eve@example.com>, Mallory', address } }, signal);
    expect(recipients).toEqual([address]);
  });
});

describe('a mail server', () => {
  it('is spoken to over a few connections that stay open', async () => {
    const { mailer, received, sessions } = await serve();
    const answers = await Promise.all(Array.from({ length: 40 }, () => mailer.send(mail, signal)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['sent']));
    expect(received).toHaveLength(40);
    expect(sessions()).toBeGreaterThan(1);
    expect(sessions()).toBeLessThanOrEqual(6);
  });

  it('that is down has accepted nothing', async () => {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    await expect(connect(port).send(mail, signal)).rejects.toEqual(isTransient);
  });

  it.each([
    { does: 'hangs up instead of greeting', script: { greeting: false } as const },
    { does: 'says it is too busy', script: { greeting: '421 too busy' } as const },
    { does: 'is silent', script: { greeting: ' ' } as const },
  ])('that $does has accepted nothing', async ({ script }) => {
    const mailer = await play(script);
    await expect(mailer.send(mail, signal)).rejects.toEqual(isTransient);
  });

  it('that hangs up in the middle of a mail has accepted nothing', async () => {
    const mailer = await play({ data: () => false });
    const long = { ...mail, text: 'Hello Ada\n'.repeat(2_000_000) };
    await expect(mailer.send(long, signal)).rejects.toEqual(isTransient);
  });

  it('that hangs up after the mail may have accepted it', async () => {
    const mailer = await play({ data: (content) => (isWhole(content) ? false : undefined) });
    expect(await mailer.send(mail, signal)).toEqual({
      status: 'unknown',
      cause: expect.stringMatching(/^no answer after the mail: E/),
    });
  });

  it('that falls silent after the mail may have accepted it', async () => {
    const mailer = await play({});
    expect(await mailer.send(mail, signal)).toMatchObject({
      status: 'unknown',
      cause: expect.stringContaining('ETIMEDOUT'),
    });
  });

  it('that answers the mail with 4xx has not accepted it', async () => {
    const mailer = await play({ data: (content) => (isWhole(content) ? '451 try later' : undefined) });
    await expect(mailer.send(mail, signal)).rejects.toEqual(isTransient);
  });

  it('that answers the mail with 5xx has refused it for good, which is said without the address', async () => {
    const mailer = await play({
      data: (content) => (isWhole(content) ? `554 5.7.1 spam to ${address}` : undefined),
    });
    const cause = 'refused: EMESSAGE DATA 554 5.7.1';
    expect(await mailer.send(mail, signal)).toEqual({ status: 'unknown', cause });
  });

  it('that refuses the recipient has refused the mail for good, which is said without the address', async () => {
    const { mailer, received } = await serve({
      onRcptTo: (recipient, _session, done) => done(refusal(550, `5.1.1 no ${recipient.address} here`)),
    });
    const answer = await mailer.send(mail, signal);
    expect(answer).toEqual({
      status: 'unknown',
      cause: expect.stringMatching(/^refused: EENVELOPE RCPT TO 550/),
    });
    expect(JSON.stringify(answer)).not.toContain(address);
    expect(received).toEqual([]);
  });

  it.each([450, 421, 530])('that answers the recipient with %i has accepted nothing', async (code) => {
    const { mailer } = await serve({ onRcptTo: (_recipient, _session, done) => done(refusal(code, 'no')) });
    await expect(mailer.send(mail, signal)).rejects.toEqual(isTransient);
  });

  it('that refuses us as a sender is waited for: every mail would be lost', async () => {
    const { mailer } = await serve({
      onMailFrom: (_sender, _session, done) => done(refusal(550, 'who are you?')),
    });
    await expect(mailer.send(mail, signal)).rejects.toEqual(isTransient);
  });

  it('that refused one mail takes the next', async () => {
    const { mailer, received } = await serve({
      onRcptTo: (recipient, _session, done) =>
        recipient.address === address ? done() : done(refusal(550, 'unknown')),
    });
    const nobody = { ...mail, to: { name: 'Nobody', address: 'nobody@example.com' } };
    expect((await mailer.send(nobody, signal)).status).toBe('unknown');
    expect((await mailer.send(mail, signal)).status).toBe('sent');
    expect(received).toHaveLength(1);
  });

  it('that holds up an instance which stops has accepted nothing, unless it has the whole mail', async () => {
    const { stopped, stop } = stopLater();
    const silent = await play({ greeting: ' ' });
    const atGreeting = silent.send(mail, stopped);
    const late = await play({ data: (content) => (isWhole(content) ? stop() : undefined) });
    const atAnswer = late.send(mail, stopped);
    await expect(atGreeting).rejects.toEqual(isTransient);
    expect(await atAnswer).toEqual({ status: 'unknown', cause: 'no answer after the mail: EABORT' });
  });

  it('gets no mail from an instance that stops', async () => {
    const { mailer, received } = await serve();
    await expect(mailer.send(mail, AbortSignal.abort())).rejects.toMatchObject({ name: 'TransientError' });
    expect(received).toEqual([]);
  });
});
