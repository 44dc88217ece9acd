/** For tests/simulation: what this service consists of, apart from HTTP and its process. */
export { createEffects } from './effects.ts';
export type { Mailer, OutgoingMail } from './mailer.ts';
export { reactor } from './saga.ts';
