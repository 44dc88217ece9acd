/** For tests/simulation: what this service consists of, apart from HTTP and its process. */
export { catalogue } from './catalogue.ts';
export { reactor } from './saga.ts';
