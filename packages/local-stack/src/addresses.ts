/** Where everything is: the one line that `npm start -- --json` prints. */
export interface StackAddresses {
  /** Base URL by service; a second instance of `order` is `order-2`. */
  readonly services: Readonly<Record<string, string>>;
  readonly kafka: { readonly brokers: readonly string[] };
  /** The registry's Confluent-compatible API: …/apis/ccompat/v7 */
  readonly registry: string;
  /** postgres://role:password@host:port/database, by service: one database and one role each. */
  readonly postgres: Readonly<Record<string, string>>;
  /** The same databases with a role that can read all of them, and write nothing: for whoever audits them. */
  readonly auditor: Readonly<Record<string, string>>;
  readonly mail: {
    readonly smtp: string;
    /** `GET` answers `[{"to","subject","headers","text","html"}]`, `?to=` filters, `?from=&limit=` pages, `DELETE` empties. */
    readonly messages: string;
  };
  /** The payment provider's simulator. It runs wherever the payment service does. */
  readonly paymentProvider: string;
  /** http://host:port of the search engine; absent where there is none. */
  readonly search?: string;
  /** Where the auditor serves its last verdict (`/metrics`), if one was asked for. */
  readonly verdict?: string;
  /** What operators show to the services' routes under `/operator`. */
  readonly operatorToken: string;
  /** Process ids by name, as they are now: a name that is down is absent. */
  readonly pids: Readonly<Record<string, number>>;
}
