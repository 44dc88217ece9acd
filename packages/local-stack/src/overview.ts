import { relative } from 'node:path';
import { firstOrder } from './demo.ts';
import type { Stack } from './stack.ts';

/** Where everything is, for people. */
export function overview({ addresses, logFile }: Stack): string {
  const page = addresses.services['console'];
  const rows: [string, string][] = [
    ...(page === undefined ? [] : [['console: open this', page] satisfies [string, string]]),
    ...Object.entries(addresses.services).map(([name, url]): [string, string] => [name, `${url}/docs`]),
    ...(Object.keys(addresses.services).length > 0
      ? [['payment provider', `${addresses.paymentProvider}/charges`] satisfies [string, string]]
      : []),
    ...(addresses.verdict === undefined
      ? []
      : [['auditor', `${addresses.verdict}/metrics`] satisfies [string, string]]),
    ['mails', addresses.mail.messages.replace(/messages$/, '')],
    ['SMTP', addresses.mail.smtp],
    ['Kafka', addresses.kafka.brokers.join(', ')],
    ['schema registry', addresses.registry],
    ...(addresses.search === undefined
      ? []
      : [['search engine', addresses.search] satisfies [string, string]]),
    ...Object.entries(addresses.postgres).map(([name, url]): [string, string] => [
      `database of ${name}`,
      url,
    ]),
    ['logs', relative('.', logFile('*'))],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
}

/** An order to post by hand. */
export function curlOf(orderUrl: string): string {
  const body = JSON.stringify(firstOrder);
  return [
    `  curl -i ${orderUrl}/orders -H 'content-type: application/json' -H 'idempotency-key: "'$(uuidgen)'"' \\`,
    `    -d '${body}'`,
  ].join('\n');
}
