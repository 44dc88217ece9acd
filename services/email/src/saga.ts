import { type Decision, type DecisionContext, type Input, PoisonError, type Reactor } from '@skald/messaging';
import { isOurs, nonsenseIn, type Outcome, templateOf } from './inputs.ts';
import { letterOf } from './letter.ts';
import { decideMail, type Mail } from './mail.ts';
import { load, save } from './store.ts';
import { evolve, mailOf, type World } from './world.ts';

/** Email's part in the saga: what happened, and what email does about it. */
export const saga = { EmailNotification: 'send' } as const;

export const reactor: Reactor<World, Mail> = { consumes: ['outbox.events'], load, decide, evolve, save };

function decide(world: World, input: Input, context: DecisionContext): Decision<Mail> {
  if (input.kind === 'outcome') {
    const { key, data } = input as Outcome;
    return decideMail(mailOf(world, key, templateOf(input)), 'answered', data, context);
  }
  if (!isOurs(input)) return { outcome: 'ignore', reason: 'no business of email' };
  const nonsense = nonsenseIn(input);
  const letter = letterOf(input.data);
  if (nonsense !== undefined || letter === undefined)
    throw new PoisonError('NONSENSE', `${input.name}: ${nonsense}`);
  return decideMail(mailOf(world, input.key, letter.template), 'notified', letter, context);
}
