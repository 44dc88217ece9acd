/** For tests/simulation and packages/replay: what this service consists of, apart from HTTP and its process. */
export { createEffects } from './effects.ts';
export type { MailAnswer } from './mail.ts';
export type { Mailer, OutgoingMail } from './mailer.ts';
export { reactor } from './saga.ts';
export { createWorld, mailOf } from './world.ts';
