import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type MailSink, startMailSink } from './mail-sink.ts';

let directory = '';
let sink: MailSink;

const start = () =>
  startMailSink({ host: '127.0.0.1', smtpPort: 0, httpPort: 0, file: join(directory, 'mails.jsonl') });

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'skald-mail-'));
  sink = await start();
});
afterEach(async () => {
  await sink.close();
  rmSync(directory, { recursive: true });
});

/** Speaks SMTP, a line at a time; the mails go over one connection. */
async function send(...mails: { to: string; source: string }[]): Promise<void> {
  const socket = connect(sink.smtpPort, '127.0.0.1');
  const replies = createInterface(socket)[Symbol.asyncIterator]();
  const say = async (line: string | undefined, code: string) => {
    if (line !== undefined) socket.write(`${line}\r\n`);
    let reply = '';
    do reply = String((await replies.next()).value);
    while (reply[3] === '-');
    if (!reply.startsWith(code)) throw new Error(reply);
  };
  await say(undefined, '220');
  await say('EHLO test', '250');
  for (const { to, source } of mails) {
    await say('MAIL FROM:<shop@example.org>', '250');
    await say(`RCPT TO:<${to}>`, '250');
    await say('DATA', '354');
    await say(`${source}\r\n.`, '250');
  }
  await say('QUIT', '221');
  socket.destroy();
}

const simple = (subject: string) => `Subject: ${subject}\r\nX-Order: 7\r\n\r\nHello`;

const messages = async (query = ''): Promise<Record<string, unknown>[]> =>
  (await fetch(`http://127.0.0.1:${sink.httpPort}/messages${query}`)).json() as Promise<
    Record<string, unknown>[]
  >;

it('shows a mail with its subject, headers, text and HTML', async () => {
  const source = [
    'Subject: =?utf-8?B?R3LDvMOfZQ==?=',
    'X-Order: 7',
    'MIME-Version: 1.0',
    'Content-Type: multipart/alternative; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Hello, Zoë',
    '--b',
    'Content-Type: text/html; charset=utf-8',
    '',
    '<p>Hello, Zoë</p><script>alert(1)</script>',
    '--b--',
  ].join('\r\n');
  await send({ to: 'Zoe@example.org', source });
  const [mail] = await messages();
  expect(mail).toMatchObject({ to: 'Zoe@example.org', subject: 'Grüße', headers: { 'x-order': '7' } });
  expect(mail?.['text']).toContain('Hello, Zoë');
  expect(mail?.['html']).toContain('<p>Hello, Zoë</p>');
  const page = await (await fetch(`http://127.0.0.1:${sink.httpPort}/`)).text();
  expect(page).toContain('Grüße');
  expect(page).not.toContain('<script>');
});

it('finds the mails of one recipient, and forgets all on request', async () => {
  await send({ to: 'a@example.org', source: simple('one') }, { to: 'b@example.org', source: simple('two') });
  expect((await messages('?to=B@example.org')).map(({ subject }) => subject)).toEqual(['two']);
  await fetch(`http://127.0.0.1:${sink.httpPort}/messages`, { method: 'DELETE' });
  expect(await messages()).toEqual([]);
  await send({ to: 'a@example.org', source: simple('three') });
  expect((await messages()).map(({ subject }) => subject)).toEqual(['three']);
});

it('answers a page of them, as all of a long run are more than one answer can hold', async () => {
  const source = (subject: string) => ({ to: 'a@example.org', source: simple(subject) });
  await send(source('one'), source('two'), source('three'));
  expect((await messages('?from=1&limit=1')).map(({ subject }) => subject)).toEqual(['two']);
  expect((await messages('?from=2&limit=5')).map(({ subject }) => subject)).toEqual(['three']);
  expect(await messages('?from=3&limit=5')).toEqual([]);
});

it('keeps what it accepted over a restart, and nothing that was half written', async () => {
  await send({ to: 'a@example.org', source: simple('kept') });
  await sink.close();
  appendFileSync(join(directory, 'mails.jsonl'), '{"to":"a@exam');
  sink = await start();
  await send({ to: 'a@example.org', source: simple('later') });
  expect((await messages()).map(({ subject }) => subject)).toEqual(['kept', 'later']);
});

it('takes many connections at once', async () => {
  const mail = { to: 'a@example.org', source: simple('bulk') };
  await Promise.all(Array.from({ length: 20 }, () => send(...Array.from({ length: 25 }, () => mail))));
  expect(await messages()).toHaveLength(500);
});
