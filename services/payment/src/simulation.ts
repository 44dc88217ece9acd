/** For tests/simulation and packages/replay: what this service consists of, apart from HTTP and its process. */
export { createEffects } from './effects.ts';
export type { ChargeAnswer, Provider, RefundAnswer } from './provider.ts';
export { chargeAnswerOf, refundAnswerOf } from './provider-answers.ts';
export { reactor } from './saga.ts';
export { answer, emptyLedger, enter, type Ledger, type Request } from './simulator.ts';
export { createWorld, paymentOf } from './world.ts';
