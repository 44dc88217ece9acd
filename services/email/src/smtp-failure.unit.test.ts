import { describe, expect, it } from 'vitest';
import { classify } from './smtp-failure.ts';

const failure = (fields: object) => Object.assign(new Error('with ada@example.com in it'), fields);

describe('a failure of the mail server', () => {
  it.each([
    ['a wrong password', { code: 'EAUTH', command: 'AUTH PLAIN', responseCode: 535 }],
    ['no TLS', { code: 'ETLS', command: 'STARTTLS' }],
    ['no host', { code: 'EDNS', command: 'CONN' }],
    ['a bad sequence', { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 503 }],
    ['a login that is asked for', { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 530 }],
    ['no space left', { code: 'EMESSAGE', command: 'DATA', responseCode: 452 }],
    ['nothing that we know', {}],
  ])('is waited out: %s', (_what, fields) => {
    expect(() => classify(failure(fields), false)).toThrow(
      expect.objectContaining({
        name: 'TransientError',
        message: expect.not.stringContaining('ada') as unknown,
      }),
    );
  });

  it('leaves us without an answer only if the mail went out to its end', () => {
    const lost = failure({ code: 'ECONNECTION', command: 'CONN' });
    expect(() => classify(lost, false)).toThrow();
    expect(classify(lost, true)).toEqual({
      status: 'unknown',
      cause: 'no answer after the mail: ECONNECTION CONN',
    });
    expect(classify('no error at all', true)).toEqual({
      status: 'unknown',
      cause: 'no answer after the mail: UNKNOWN',
    });
  });

  it('is an answer, whenever the server gave one', () => {
    const closing = failure({ code: 'ECONNECTION', command: 'CONN', responseCode: 421 });
    expect(() => classify(closing, true)).toThrow(expect.objectContaining({ name: 'TransientError' }));
  });

  it('is a refusal if what we asked for is impossible', () => {
    const found = failure({ code: 'EENVELOPE', command: 'API' });
    expect(classify(found, false)).toEqual({ status: 'unknown', cause: 'refused: EENVELOPE API' });
  });

  it('tells the enhanced status, and nothing else that the server said', () => {
    const refused = failure({
      code: 'EENVELOPE',
      command: 'RCPT TO',
      responseCode: 550,
      response: '550 5.1.1 <ada@example.com> unknown',
    });
    expect(classify(refused, false)).toEqual({
      status: 'unknown',
      cause: 'refused: EENVELOPE RCPT TO 550 5.1.1',
    });
  });
});
