import { emailTemplates } from '@skald/contracts';
import type { Decision } from '@skald/messaging';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Letter } from './letter.ts';
import { decideMail, type Fact, type Facts, type Mail, type MailState, rules } from './mail.ts';

const orderId = '01900000-0000-7000-8000-000000000001';
const notificationId = '01900000-0000-7000-8000-0000000000aa';
const template = 'order-cancelled';
const letter: Letter = {
  orderId,
  notificationId,
  template,
  email: 'ada@example.com',
  name: 'Ada',
  reason: 'OUT_OF_STOCK',
};
const cause = 'no answer';
const mails: { readonly [State in MailState]: Mail<State> } = {
  none: { orderId, template, state: 'none' },
  sending: { orderId, template, state: 'sending', notificationId },
  sent: { orderId, template, state: 'sent', notificationId },
  unknown: { orderId, template, state: 'unknown', notificationId, cause },
};
const context = { now: 1_000, newId: () => 'id' };

const when = <F extends Fact>(state: MailState, fact: F, told: Facts[F]) =>
  decideMail(mails[state], fact, told, context);

describe('a mail', () => {
  it('is asked for once: its id is that of order and template', () => {
    expect(when('none', 'notified', letter)).toEqual({
      outcome: 'apply',
      change: mails.sending,
      effects: [{ kind: 'mail/order-cancelled', id: `${orderId}/order-cancelled`, data: letter }],
    });
  });

  it.each(['sending', 'sent', 'unknown'] as const)('that is %s is never asked for again', (state) => {
    const again = { ...letter, notificationId: '01900000-0000-7000-8000-0000000000bb' };
    expect(when(state, 'notified', again)).toEqual({
      outcome: 'ignore',
      reason: expect.stringContaining('one at most'),
    });
  });

  it('that the server accepted is sent, and the log says so without an address', () => {
    expect(when('sending', 'answered', { status: 'sent' })).toEqual({
      outcome: 'apply',
      change: mails.sent,
      events: [
        { name: 'MailSent', key: orderId, data: { orderId, notificationId, template, sentAt: 1_000 } },
      ],
    });
  });

  it('that may or may not have left is unknown, and the log says why', () => {
    expect(when('sending', 'answered', { status: 'unknown', cause })).toEqual({
      outcome: 'apply',
      change: mails.unknown,
      events: [
        { name: 'MailUnknown', key: orderId, data: { orderId, notificationId, template, cause, at: 1_000 } },
      ],
    });
  });

  it.each(['sent', 'unknown'] as const)('that is %s stays so, whatever is said of it', (state) => {
    expect(when(state, 'answered', { status: 'sent' })).toMatchObject({ outcome: 'ignore' });
    expect(when(state, 'answered', { status: 'unknown', cause })).toMatchObject({ outcome: 'ignore' });
  });

  it('that nobody asked for has no answer', () => {
    expect(() => when('none', 'answered', { status: 'sent' })).toThrow(
      expect.objectContaining({ code: 'MAIL_UNASKED' }),
    );
  });

  it('is sent once at most and answered once at most, whatever comes how often', () => {
    const step = fc.constantFrom<() => { fact: Fact; told: Facts[Fact] }>(
      () => ({ fact: 'notified', told: letter }),
      () => ({ fact: 'answered', told: { status: 'sent' } }),
      () => ({ fact: 'answered', told: { status: 'unknown', cause } }),
    );
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let mail: Mail = mails.none;
        let effects = 0;
        let events = 0;
        for (const next of steps) {
          const { fact, told } = next();
          if (fact === 'answered' && effects === 0) continue;
          const decision: Decision<Mail> = decideMail(mail, fact, told, context);
          if (decision.outcome === 'ignore') continue;
          mail = decision.change;
          effects += decision.effects?.length ?? 0;
          events += decision.events?.length ?? 0;
        }
        expect(effects).toBeLessThanOrEqual(1);
        expect(events).toBeLessThanOrEqual(effects);
      }),
    );
  });

  it('has a rule for every state and fact', () => {
    for (const state of Object.keys(mails) as MailState[]) {
      expect(Object.keys(rules[state]).sort()).toEqual(['answered', 'notified']);
    }
    expect(emailTemplates).toHaveLength(3);
  });
});
