export { colourWish } from './config.ts';
export { CommandError, UsageError } from './errors.ts';
export { duration, flag, helpFlag, moment, parseFlags, textFlag, textsFlag, wholeNumber } from './flags.ts';
export { createProgressBar } from './progress-bar.ts';
export { createProgressLine, type ProgressLine } from './progress-line.ts';
export { Interrupted, interruption, tellError } from './run-command.ts';
export {
  type Ask,
  createServiceClient,
  NoAnswer,
  Refused,
  type ServiceClient,
} from './service-client.ts';
export { readStateFile } from './state-file.ts';
export { type Column, tableOf } from './table.ts';
export {
  type Colour,
  createTerminal,
  cut,
  type Look,
  type Paint,
  plainLook,
  printable,
  printableJson,
  type Terminal,
} from './terminal.ts';
