import { type DestinationStream, type LoggerOptions, pino, stdTimeFunctions } from 'pino';
import { maskLine, maskPersonalData } from './personal-data.ts';

export type { Logger } from 'pino';

import type { Logger } from 'pino';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * JSON lines on standard output. Bindings have the same names everywhere: `service`, `orderId`, `traceId`,
 * `correlationId`, and `err` for an error. Personal data and secrets are masked, however deep they are.
 */
export function createLogger(service: string, level: LogLevel = 'info', stream?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: { service },
    timestamp: stdTimeFunctions.isoTime,
    formatters: {
      level: (label) => ({ level: label }),
      log: (fields) => maskPersonalData(fields) as Record<string, unknown>,
      bindings: (fields) => maskPersonalData(fields) as Record<string, unknown>,
    },
    // Errors are made safe by `maskPersonalData`; pino's own serializer would add all that hangs on them.
    serializers: { err: (error: unknown) => error },
    hooks: { streamWrite: maskLine },
  };
  return stream === undefined ? pino(options) : pino(options, stream);
}
