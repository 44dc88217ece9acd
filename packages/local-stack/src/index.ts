export type { StackAddresses } from './addresses.ts';
export { StackError } from './errors.ts';
export type { DependencyPorts, Route } from './routes.ts';
export { resolveRuntime } from './runtime.ts';
export { type ScratchPostgres, startScratchPostgres } from './scratch-postgres.ts';
export { type ScratchSearch, startScratchSearch } from './scratch-search.ts';
export {
  type CompanionName,
  companionNames,
  type ProgramName,
  type ServiceName,
  serviceEnvironment,
  serviceNames,
  services,
} from './services.ts';
export { type Stack, startStack } from './stack.ts';
export type { StackOptions } from './stack-options.ts';
export type { Exit } from './supervised-process.ts';
