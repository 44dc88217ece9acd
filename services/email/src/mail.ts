import type { EmailTemplate } from '@skald/contracts';
import { type Decision, type DecisionContext, PoisonError } from '@skald/messaging';
import type { Letter } from './letter.ts';

/** How the sending of a mail ended. */
export type MailAnswer =
  | { readonly status: 'sent' }
  /** It may or may not have left, or was refused for good. */
  | { readonly status: 'unknown'; readonly cause: string };

/**
 * How a mail stands.
 * - `none`: not asked for yet
 * - `sending`: with the mail server, or on the way there
 * - `sent`: the mail server has accepted it
 * - `unknown`: it may or may not have left; never sent again by itself
 */
interface KnownInState {
  none: unknown;
  sending: { readonly notificationId: string };
  sent: { readonly notificationId: string };
  unknown: { readonly notificationId: string; readonly cause: string };
}

export type MailState = keyof KnownInState;

/** The mail of an order and a template: there is one at most. */
export type Mail<State extends MailState = MailState> = {
  readonly [S in State]: {
    readonly orderId: string;
    readonly template: EmailTemplate;
    readonly state: S;
  } & KnownInState[S];
}[State];

/** All that can happen to a mail, and what is told of it. */
export interface Facts {
  notified: Letter;
  answered: MailAnswer;
}

export type Fact = keyof Facts;

type Rule<State extends MailState, F extends Fact> = (
  mail: Mail<State>,
  told: Facts[F],
  context: DecisionContext,
) => Decision<Mail>;

const ignore = (reason: string) => (): Decision<never> => ({ outcome: 'ignore', reason });

const oneMailAtMost = ignore('this mail was asked for already: one at most for each order and template');
const alreadyAnswered = ignore('the answer is known already');

/** What follows, for each state and fact. */
export const rules: { readonly [State in MailState]: { readonly [F in Fact]: Rule<State, F> } } = {
  none: { notified: send, answered: answerOutOfNothing },
  sending: { notified: oneMailAtMost, answered: settle },
  sent: { notified: oneMailAtMost, answered: alreadyAnswered },
  unknown: { notified: oneMailAtMost, answered: alreadyAnswered },
};

/** The table's word on a mail. Throws PoisonError for what can't happen. */
export function decideMail<F extends Fact>(
  mail: Mail,
  fact: F,
  told: Facts[F],
  context: DecisionContext,
): Decision<Mail> {
  // The row of a mail's state takes that mail; the compiler can't follow the two from one index to the other.
  const rule = rules[mail.state][fact] as Rule<MailState, F>;
  return rule(mail, told, context);
}

/** An effect's kind names its template: all that is left to know a mail by when its sender has crashed. */
export const effectKind = <Template extends EmailTemplate>(template: Template): `mail/${Template}` =>
  `mail/${template}`;

function send({ orderId, template }: Mail, letter: Letter): Decision<Mail> {
  const { notificationId } = letter;
  return {
    outcome: 'apply',
    change: { orderId, template, state: 'sending', notificationId },
    effects: [{ kind: effectKind(template), id: `${orderId}/${template}`, data: letter }],
  };
}

function settle(mail: Mail<'sending'>, answer: MailAnswer, { now }: DecisionContext): Decision<Mail> {
  const { orderId, template, notificationId } = mail;
  const told = { orderId, notificationId, template };
  if (answer.status === 'sent') {
    return {
      outcome: 'apply',
      change: { ...mail, state: 'sent' },
      events: [{ name: 'MailSent', key: orderId, data: { ...told, sentAt: now } }],
    };
  }
  const { cause } = answer;
  return {
    outcome: 'apply',
    change: { ...mail, state: 'unknown', cause },
    events: [{ name: 'MailUnknown', key: orderId, data: { ...told, cause, at: now } }],
  };
}

function answerOutOfNothing(): never {
  throw new PoisonError('MAIL_UNASKED', 'an answer came to a mail that nobody asked for');
}
