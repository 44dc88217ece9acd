export {
  ConfigurationError,
  durationVariable,
  integerVariable,
  type ProgramConfig,
  parseEnvironment,
  programEnvironment,
  type ServiceConfig,
  serviceEnvironment,
} from './environment.ts';
export { type App, createHttp, type Http, type HttpLimits, type HttpOptions } from './http.ts';
export { createLogger, type Logger, type LogLevel } from './log.ts';
export { createMetrics } from './metrics.ts';
export { createGuard } from './operator-guard.ts';
export { serveOperator } from './operator-routes.ts';
export { type FieldError, Problem, type ProblemBody, type ProblemOptions, problemSchema } from './problem.ts';
export type { BodyExample, RouteDocs } from './route-docs.ts';
export { type Program, runService } from './run.ts';
export type { Check, Service, ServiceContext } from './service.ts';
export {
  correlationIdOf,
  createTraceparent,
  parseTraceparent,
  type RequestTrace,
} from './trace-context.ts';
