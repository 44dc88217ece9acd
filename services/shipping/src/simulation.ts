/** For tests/simulation and packages/replay: what this service consists of, apart from HTTP and its process. */
export { type BookingAnswer, type Carrier, skaldExpress } from './carrier.ts';
export { createEffects } from './effects.ts';
export { reactor } from './saga.ts';
export { findAddresses } from './store.ts';
export { createWorld, shipmentOf } from './world.ts';
