import { TransientError } from '@skald/messaging';
import type { ChargeAnswer, RefundAnswer } from './provider.ts';

/** What came over the wire, not looked at yet. */
export interface WireAnswer {
  /** HTTP status. */
  readonly status: number;
  /** Parsed JSON, or undefined if it was none. */
  readonly body: unknown;
}

/** Reads the answer to POST /charges. Throws TransientError unless it says for certain what became of the charge. */
export function chargeAnswerOf({ status, body }: WireAnswer): ChargeAnswer {
  const chargeId = textAt(body, 'chargeId');
  if (status === 201 && chargeId !== undefined) return { status: 'charged', chargeId };
  const { type, code } = errorOf(body);
  const isDeclined = status === 402 || (status === 400 && type === 'invalid_request_error');
  if (isDeclined && code !== undefined) return { status: 'declined', code };
  throw notAnAnswer('charge', status, code);
}

/** Reads the answer to POST /refunds. Throws TransientError for all but a refund: a refused one is still owed. */
export function refundAnswerOf({ status, body }: WireAnswer): RefundAnswer {
  const refundId = textAt(body, 'refundId');
  if (status === 201 && refundId !== undefined) return { refundId };
  throw notAnAnswer('refund', status, errorOf(body).code);
}

const notAnAnswer = (what: string, status: number, code = 'no code'): TransientError =>
  new TransientError('PROVIDER_REFUSED', `The payment provider answered a ${what} with ${status} (${code})`);

function errorOf(body: unknown) {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
  return { type: textAt(error, 'type'), code: textAt(error, 'code') };
}

function textAt(value: unknown, field: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const text: unknown = Object.getOwnPropertyDescriptor(value, field)?.value;
  return typeof text === 'string' && text !== '' ? text : undefined;
}
