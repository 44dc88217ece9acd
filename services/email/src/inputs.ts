import { type EmailTemplate, emailTemplates } from '@skald/contracts';
import type { EventInput, Input, OutcomeInput } from '@skald/messaging';
import { letterOf } from './letter.ts';
import { effectKind, type MailAnswer } from './mail.ts';

/** How the sending of a mail ended. */
export type Outcome = OutcomeInput<`mail/${EmailTemplate}`, MailAnswer>;

export const isOurs = (input: Input): input is EventInput<'EmailNotification'> =>
  input.kind === 'event' && input.name === 'EmailNotification';

const templateOfKind: ReadonlyMap<string, EmailTemplate> = new Map(
  emailTemplates.map((template) => [effectKind(template), template]),
);

/** Which of its order's mails an input is of. Undefined for nonsense, and for what is no business of email. */
export function templateOf(input: Input): EmailTemplate | undefined {
  if (input.kind === 'outcome') return templateOfKind.get(input.name);
  return isOurs(input) && nonsenseIn(input) === undefined ? input.data.template : undefined;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const CURRENCY = /^[A-Z]{3}$/;
/** One address and nothing else: no list, no comment, no line break. RFC 5321 allows 254 characters. */
const ADDRESS = /^(?=.{3,254}$)[^\s\p{Cc}"(),:;<>@[\\\]]+@[^\s\p{Cc}"(),:;<>@[\\\]]+$/u;

/** Lower case: as Postgres gives them back. */
export const isOrderId = (text: string): boolean => UUID.test(text);

/**
 * Why a notification can't be meant as it stands, although its schema allows it. Such an event is poison, and it never
 * reaches SQL, where one bad id would fail a whole batch. Says nothing of what it holds: that is personal data.
 */
export function nonsenseIn({ key, data }: EventInput<'EmailNotification'>): string | undefined {
  if (!isOrderId(key)) return 'the key is no order id';
  if (data.orderId !== key) return 'the key is another order';
  if (!UUID.test(data.notificationId)) return 'the notification has no id';
  if (!ADDRESS.test(data.email)) return 'the address is none';
  const letter = letterOf(data);
  if (letter === undefined) return `what ${data.template} needs is missing`;
  if (letter.template === 'shipment-scheduled' && !isDate(letter.promisedDate))
    return 'the promised date is none';
  if (letter.template !== 'order-confirmation') return undefined;
  const currencies = [letter.total, ...letter.lines.map(({ unitPrice }) => unitPrice)];
  return currencies.every(({ currency }) => CURRENCY.test(currency))
    ? undefined
    : 'a currency is no ISO 4217 code';
}

const isDate = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
