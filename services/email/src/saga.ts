import { groups, lingeringIn } from '@skald/contracts';
import {
  type Decision,
  type DecisionContext,
  type EventInput,
  type Input,
  PoisonError,
  type Reactor,
} from '@skald/messaging';
import { isOurs, nonsenseIn, type Outcome, templateOf } from './inputs.ts';
import { letterOf } from './letter.ts';
import { decideMail, type Mail } from './mail.ts';
import { load, save } from './store.ts';
import { evolve, mailOf, type World } from './world.ts';

/** Email's part in the saga: what happened, and what email does about it. */
export const saga = { EmailNotification: 'send' } as const;

export const reactor: Reactor<World, Mail> = {
  consumes: groups.email,
  lingering: lingeringIn('email'),
  load,
  decide,
  evolve,
  save,
};

function decide(world: World, input: Input, context: DecisionContext): Decision<Mail> {
  if (isOurs(input)) return send(world, input, context);
  const template = templateOf(input);
  if (template === undefined) return { outcome: 'ignore', reason: 'no business of email' };
  return decideMail(mailOf(world, input.key, template), 'answered', (input as Outcome).data, context);
}

function send(
  world: World,
  input: EventInput<'EmailNotification'>,
  context: DecisionContext,
): Decision<Mail> {
  const nonsense = nonsenseIn(input);
  const letter = letterOf(input.data);
  if (nonsense !== undefined || letter === undefined)
    throw new PoisonError('NONSENSE', `${input.name}: ${nonsense}`);
  return decideMail(mailOf(world, input.key, letter.template), 'notified', letter, context);
}
