import { TransientError } from '@skald/messaging';
import type { MailAnswer } from './mail.ts';

/** What nodemailer tells of a failure. Its message holds what the server said, which may be an address: never passed on. */
interface SmtpError {
  /** ECONNECTION, EENVELOPE, EMESSAGE … */
  readonly code: string;
  /** The command that failed: RCPT TO. `API`: found wrong before anything was sent. */
  readonly command: string;
  /** The server's answer: 250, 451, 550. 0: none. */
  readonly responseCode: number;
  /** Its enhanced status (RFC 3463), if it gave one: 5.1.1 */
  readonly status: string;
}

/** Refusals of us rather than of the mail: bad sequence, no login. They pass for others too, once they are mended. */
const REFUSALS_OF_US = new Set([503, 530, 534, 535, 538]);

/**
 * What a failure means for the mail. `isComplete`: the connection has read it to its end, so that the server may have it.
 * Throws TransientError if it is certain that the mail was not accepted, and it may be later.
 */
export function classify(error: unknown, isComplete: boolean): MailAnswer {
  const failure = describe(error);
  if (isRefusal(failure)) return { status: 'unknown', cause: `refused: ${inShort(failure)}` };
  const isAnswered = failure.responseCode >= 400;
  if (isComplete && !isAnswered)
    return { status: 'unknown', cause: `no answer after the mail: ${inShort(failure)}` };
  throw new TransientError('MAIL_NOT_ACCEPTED', `The mail server did not accept a mail: ${inShort(failure)}`);
}

/** For good, and because of its recipient or its contents. */
function isRefusal({ code, command, responseCode }: SmtpError): boolean {
  if (code !== 'EENVELOPE' && code !== 'EMESSAGE') return false;
  if (command === 'API') return true;
  const isPermanent = responseCode >= 500 && !REFUSALS_OF_US.has(responseCode);
  return isPermanent && (command === 'RCPT TO' || command === 'DATA');
}

const inShort = ({ code, command, responseCode, status }: SmtpError): string =>
  [code, command, responseCode || '', status].filter((part) => part !== '').join(' ');

function describe(error: unknown): SmtpError {
  const told =
    typeof error === 'object' && error !== null ? new Map(Object.entries(error)) : new Map<string, unknown>();
  const text = (field: string): string => {
    const value: unknown = told.get(field);
    return typeof value === 'string' ? value : '';
  };
  return {
    code: text('code') || 'UNKNOWN',
    command: text('command'),
    responseCode: Number(told.get('responseCode') ?? 0) || 0,
    status: /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(text('response'))?.[1] ?? '',
  };
}
