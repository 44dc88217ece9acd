export type { StackAddresses } from './addresses.ts';
export { StackError } from './errors.ts';
export { resolveRuntime } from './runtime.ts';
export { type CompanionName, companionNames, type ServiceName, serviceNames } from './services.ts';
export { type Stack, type StackOptions, startStack } from './stack.ts';
export type { Exit } from './supervised-process.ts';
