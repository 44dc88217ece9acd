import { describe, expect, it } from 'vitest';
import { createSessions } from './session.ts';

const token = 'an-operators-token';

function given(of = token) {
  let now = 1_000;
  const sessions = createSessions({ token: of, ttlMs: 60_000, now: () => now });
  const wait = (ms: number) => {
    now += ms;
  };
  return { sessions, wait };
}

describe('an operator’s session', () => {
  it('is opened by the token, holds for a while, and then no more', () => {
    const { sessions, wait } = given();
    const session = sessions.open(token);
    expect(sessions.isOpen(session)).toBe(true);
    wait(59_999);
    expect(sessions.isOpen(session)).toBe(true);
    wait(1);
    expect(sessions.isOpen(session)).toBe(false);
  });

  it('survives a restart of the console, and not another token', () => {
    const session = given().sessions.open(token);
    expect(given().sessions.isOpen(session)).toBe(true);
    expect(given('another-token-of-operators').sessions.isOpen(session)).toBe(false);
  });

  it('can be neither made up nor prolonged', () => {
    const { sessions } = given();
    const [until = '', nonce = '', signature = ''] = (sessions.open(token) ?? '').split('.');
    const attempts = [
      undefined,
      '',
      '..',
      `${Number(until) + 1}.${nonce}.${signature}`,
      `${until}.${nonce}.`,
    ];
    expect(attempts.filter((session) => sessions.isOpen(session))).toEqual([]);
  });

  it('is not opened by a wrong token; too many of them in a minute close the door for it', () => {
    const { sessions, wait } = given();
    for (let attempt = 0; attempt < 20; attempt += 1) expect(sessions.open(`${token}!`)).toBeUndefined();
    expect(() => sessions.open(token)).toThrow(expect.objectContaining({ status: 429 }));
    wait(60_001);
    expect(sessions.open(token)).toBeDefined();
  });
});
