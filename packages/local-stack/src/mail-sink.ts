import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Server as NetServer } from 'node:net';
import PostalMime from 'postal-mime';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { mailPage } from './mail-page.ts';
import { createMailStore, type MailStore, type StoredMail } from './mail-store.ts';

export interface MailSinkOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly smtpPort: number;
  readonly httpPort: number;
  /** Mails are appended to it, one line of JSON each, and read from it after a restart. */
  readonly file: string;
}

export interface MailSink {
  readonly smtpPort: number;
  readonly httpPort: number;
  close(): Promise<void>;
}

/** Takes any mail over SMTP and shows it over HTTP. A mail that was accepted (250) is in the file. */
export async function startMailSink(options: MailSinkOptions): Promise<MailSink> {
  const store = await createMailStore(options.file);
  const smtp = createSmtp(store);
  const http = createServer((request, response) => {
    answer(store, request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await Promise.all([
    listen(smtp.server, options.smtpPort, options.host),
    listen(http, options.httpPort, options.host),
  ]);
  return {
    smtpPort: (smtp.server.address() as AddressInfo).port,
    httpPort: (http.address() as AddressInfo).port,
    async close() {
      http.close();
      http.closeAllConnections();
      await new Promise<void>((resolve) => smtp.close(() => resolve()));
      await store.close();
    },
  };
}

function createSmtp(store: MailStore): SMTPServer {
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 1_000,
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        parseMail(Buffer.concat(chunks), session)
          .then((mail) => store.append(mail))
          .then(() => callback(), callback);
      });
    },
  });
  // A client that hangs up is no error of ours.
  server.on('error', () => {});
  return server;
}

async function parseMail(raw: Buffer, session: SMTPServerSession): Promise<StoredMail> {
  const { subject = '', headers, text = '', html = '' } = await PostalMime.parse(raw);
  return {
    // Whom it was delivered to, whatever its header says.
    to: session.envelope.rcptTo.map(({ address }) => address).join(', '),
    subject,
    headers: Object.fromEntries(headers.map(({ key, value }) => [key, value])),
    text,
    html,
  };
}

async function answer(store: MailStore, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://sink');
  const to = url.searchParams.get('to') ?? undefined;
  const route = `${request.method} ${url.pathname}`;
  if (route === 'GET /messages') {
    response
      .writeHead(200, { 'content-type': 'application/json; charset=utf-8' })
      .end(await store.json({ to, page: pageOf(url.searchParams) }));
  } else if (route === 'DELETE /messages') {
    await store.clear();
    response.writeHead(204).end();
  } else if (route === 'GET /') {
    const newest: StoredMail[] = JSON.parse(await store.json({ to, last: 100 }));
    response
      .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
      .end(mailPage(newest.reverse(), store.count()));
  } else response.writeHead(404).end();
}

/** `?from=2000&limit=1000`: all mails of a long run are more than one answer can hold. */
function pageOf(query: URLSearchParams): { from: number; limit: number } | undefined {
  const limit = Number(query.get('limit'));
  const from = Number(query.get('from'));
  return Number.isInteger(limit) && limit > 0 && from >= 0 ? { from, limit } : undefined;
}

const listen = (server: NetServer, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
