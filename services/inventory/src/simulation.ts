/** For tests/simulation and packages/replay: what this service consists of, apart from HTTP and its process. */
export { catalogue } from './catalogue.ts';
export { reactor } from './saga.ts';
export { createWorld, reservationOf } from './world.ts';
