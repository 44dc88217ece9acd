/** For tests/simulation: what this service consists of, apart from HTTP and its process. */
export { type Carrier, skaldExpress } from './carrier.ts';
export { createEffects } from './effects.ts';
export { reactor } from './saga.ts';
export { findAddresses } from './store.ts';
