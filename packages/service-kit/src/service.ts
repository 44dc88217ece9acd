import type { Operator } from '@skald/contracts';
import type { Registry } from 'prom-client';
import type { App } from './http.ts';
import type { Logger } from './log.ts';

/** One thing that a service needs to answer requests: its database, its loaded catalogue. */
export interface Check {
  readonly name: string;
  readonly ready: boolean;
  /** Why not, or how far. Shown to whoever can reach `/readyz`: no personal data, no secrets. */
  readonly detail?: string;
}

/** What the kit hands a service. */
export interface ServiceContext<Config> {
  /** The service's name: of its logs, its traces and its consumer group. */
  readonly name: string;
  readonly config: Config;
  readonly logger: Logger;
  /** Served at `/metrics`. */
  readonly metrics: Registry;
}

/** What a service hands the kit. */
export interface Service {
  /** Registers the service's routes. Called once, before HTTP listens. */
  routes(app: App): void;
  /** What operators may do with what is parked, and the token that they show: mounted under `/operator`. */
  readonly operator?: { readonly api: Operator; readonly token: string };
  /** What `/readyz` answers: ready if all are. May take 2 s at most; to throw is to be not ready. */
  readiness(): Promise<readonly Check[]> | readonly Check[];
  /** Called once HTTP listens, so that `/livez` answers while a dependency is waited for. */
  start(): Promise<void>;
  /** Called when the process is told to stop, before requests in flight are waited for: answers that take long end now. */
  prepareStop?(): void;
  /** Called once no request is in flight. Called during `start` too, when the process is told to end early. */
  stop(): Promise<void>;
  /** Rejects when the process must end: it is logged, all is stopped, and the exit code is 1. Never resolves. */
  readonly failed: Promise<never>;
}
