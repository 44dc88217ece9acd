import {
  type Bindings,
  type ChildLoggerOptions,
  type DestinationStream,
  type Logger,
  type LoggerOptions,
  pino,
} from 'pino';
import { maskLine, maskPersonalData } from './personal-data.ts';

export type { Logger } from 'pino';

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
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: maskFields },
    // Errors are made safe by `maskPersonalData`; pino's own serializer would add all that hangs on them.
    serializers: { err: (error: unknown) => error },
    hooks: { streamWrite: maskLine },
  };
  // pino's own default writes in the background: entries just before the end overtake each other.
  return maskBindings(pino(options, stream ?? pino.destination({ dest: 1, sync: true })));
}

function maskFields(fields: object): Bindings {
  return maskPersonalData(fields) as Bindings;
}

interface BindingMethods {
  child(bindings: Bindings, options?: ChildLoggerOptions): Logger;
  setBindings(bindings: Bindings): void;
}

/** pino's formatters don't see what a child is bound to. Children inherit these two from their parent. */
function maskBindings(logger: Logger): Logger {
  const plain = Object.getPrototypeOf(logger) as BindingMethods;
  return Object.assign(logger, {
    child(this: Logger, bindings: Bindings, options?: ChildLoggerOptions) {
      return plain.child.call(this, maskFields(bindings), options);
    },
    setBindings(this: Logger, bindings: Bindings) {
      plain.setBindings.call(this, maskFields(bindings));
    },
  });
}
