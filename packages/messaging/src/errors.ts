/** Every error of the kernel says what it is, whether to try again, and what caused it. */
export abstract class MessagingError extends Error {
  abstract readonly code: string;
  abstract readonly retryable: boolean;
}

/** An outage: wait, with backoff, for as long as it lasts. Never a dead letter. */
export class TransientError extends MessagingError {
  readonly code: string;
  readonly retryable = true;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TransientError';
    this.code = code;
  }
}

/** This message alone can't be handled: park its key, dead-letter it, go on with all others. */
export class PoisonError extends MessagingError {
  readonly code: string;
  readonly retryable = false;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PoisonError';
    this.code = code;
  }
}

/** Our own configuration or deployment is wrong: stop the process and say why. */
export class FatalError extends MessagingError {
  readonly code: string;
  readonly retryable = false;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FatalError';
    this.code = code;
  }
}

/** Too much waits already: ask again later. */
export class OverloadError extends MessagingError {
  readonly code: string;
  readonly retryable = true;
  readonly retryAfterSeconds: number;
  constructor(code: string, message: string, retryAfterSeconds: number, options?: ErrorOptions) {
    super(message, options);
    this.name = 'OverloadError';
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
