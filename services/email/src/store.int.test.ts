import { emailTemplates } from '@skald/contracts';
import type { Input, Queryable } from '@skald/messaging';
import { createEmailNotification, createTestDatabase, type TestDatabase } from '@skald/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { effectKind, type Mail } from './mail.ts';
import { reactor } from './saga.ts';
import { listMails, load, save } from './store.ts';
import { createWorld, evolve } from './world.ts';

const idOf = (number: number) => `01900000-0000-7000-8000-${String(number).padStart(12, '0')}`;
const orderId = idOf(1);
const notificationId = idOf(99);
const template = 'order-cancelled';

const arrival = { time: 1, id: 'id', correlationId: 'correlation', sequence: 1 } as const;
const notified = (key: string, id = notificationId): Input => ({
  ...arrival,
  kind: 'event',
  name: 'EmailNotification',
  key,
  data: createEmailNotification({ notificationId: id, orderId: key, template, reason: 'OUT_OF_STOCK' }),
});
const answered = (key: string): Input => ({
  ...arrival,
  kind: 'outcome',
  name: effectKind(template),
  key,
  data: { status: 'sent' },
});

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase(
    inject('infrastructure'),
    new URL('../migrations/001_mails.sql', import.meta.url),
  );
});
beforeEach(() => database.pool.query('TRUNCATE mails'));
afterAll(() => database.stop());

async function keep(...kept: readonly Mail[]): Promise<void> {
  const world = createWorld();
  for (const mail of kept) evolve(world, mail);
  await save(database.db, world);
}

/** Load, decide, save in one transaction, as the kernel does. */
const react = (...inputs: readonly Input[]) =>
  database.transaction(async (db) => {
    const world = await load(db, inputs);
    const decisions = inputs.map((input) => {
      const decision = reactor.decide(world, input, { now: 1, newId: () => notificationId });
      if (decision.outcome !== 'ignore') evolve(world, decision.change);
      return decision;
    });
    await save(db, world);
    return decisions;
  });

describe('a mail', () => {
  it.each<Mail>([
    { orderId, template, state: 'sending', notificationId },
    { orderId, template, state: 'sent', notificationId },
    { orderId, template, state: 'unknown', notificationId, cause: 'no answer' },
  ])('that is $state comes back as it was', async (mail) => {
    await keep(mail);
    expect([...(await load(database.db, [notified(orderId)])).mails.values()]).toEqual([mail]);
  });

  it('is one of up to three of its order, listed in the order they were asked for', async () => {
    await keep(
      ...emailTemplates.map(
        (name, at): Mail => ({ orderId, template: name, state: 'sent', notificationId: idOf(at) }),
      ),
    );
    expect((await listMails(database.db, orderId)).map((mail) => mail.template)).toEqual(emailTemplates);
    expect(await listMails(database.db, idOf(2))).toEqual([]);
  });

  it('is asked for once, however often and in how many batches it is told of', async () => {
    const first = await react(notified(orderId), notified(orderId));
    const second = await react(notified(orderId, idOf(98)), answered(orderId), notified(orderId));
    const third = await react(notified(orderId, idOf(97)));
    const effects = [...first, ...second, ...third].flatMap((decision) =>
      decision.outcome === 'ignore' ? [] : (decision.effects ?? []),
    );
    expect(effects).toHaveLength(1);
    expect(await listMails(database.db, orderId)).toMatchObject([{ template, state: 'sent', cause: null }]);
  });

  it('leaves nothing personal in the table', async () => {
    await react(notified(orderId));
    const { rows } = await database.pool.query('SELECT mails::text AS row FROM mails');
    expect(JSON.stringify(rows)).not.toMatch(/ada|lovelace/i);
  });
});

describe('a batch', () => {
  it('of several hundred mails is loaded and saved in one statement each', async () => {
    const ids = Array.from({ length: 500 }, (_, number) => idOf(number));
    await react(...ids.map((id) => notified(id)));
    await react(...ids.map(answered));
    const { rows } = await database.pool.query('SELECT state, count(*) AS mails FROM mails GROUP BY state');
    expect(rows).toEqual([{ state: 'sent', mails: 500 }]);
  });
});

describe('the plan', () => {
  it('goes by the primary key, even before the planner knows the size of the table', async () => {
    const texts: string[] = [];
    const recorder: Queryable = {
      query(statement) {
        texts.push(typeof statement === 'string' ? statement : statement.text);
        return Promise.resolve([]);
      },
    };
    await load(recorder, [notified(orderId)]);
    const client = await database.pool.connect();
    try {
      await client.query('SET plan_cache_mode = force_generic_plan');
      await client.query(`PREPARE explained AS ${texts[0]}`);
      const { rows } = await client.query(`EXPLAIN EXECUTE explained ('{}', '{}')`);
      expect(JSON.stringify(rows)).toContain('mails_pkey');
      expect(JSON.stringify(rows)).not.toContain('Seq Scan');
    } finally {
      client.release(true);
    }
  });
});
