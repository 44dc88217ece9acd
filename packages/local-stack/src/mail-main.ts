import { startMailSink } from './mail-sink.ts';

/** The mail sink as a process: `node mail-main.js <host> <smtp port> <http port> <file>`. */
const [host = '127.0.0.1', smtpPort = '0', httpPort = '0', file = 'mails.jsonl'] = process.argv.slice(2);
const sink = await startMailSink({ host, smtpPort: Number(smtpPort), httpPort: Number(httpPort), file });
console.log(`SMTP on ${host}:${sink.smtpPort}, mails on http://${host}:${sink.httpPort}`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    void sink.close().then(() => process.exit(0));
  });
}
