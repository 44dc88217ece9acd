import { signal } from '@preact/signals';
import { ask } from './api.ts';

export interface Session {
  readonly isOperator: boolean;
  /** A page with `{traceId}` in it. */
  readonly traceUrl: string | null;
  readonly hasOrderView: boolean;
}

export const session = signal<Session>({ isOperator: false, traceUrl: null, hasOrderView: false });
/** Whether it is known who we are. */
export const isSessionKnown = signal(false);

export async function loadSession(): Promise<void> {
  try {
    session.value = await ask<Session>('/api/session');
    isSessionKnown.value = true;
  } catch {
    // The console is away: asked again when events come in again.
  }
}

/** Throws ApiProblem for a wrong token. */
export async function logIn(token: string): Promise<void> {
  session.value = await ask<Session>('/api/session', { method: 'POST', body: { token } });
}

export async function logOut(): Promise<void> {
  session.value = await ask<Session>('/api/session', { method: 'DELETE' });
}

export const traceLink = (traceId: string): string | undefined =>
  session.value.traceUrl?.replaceAll('{traceId}', traceId);
