import type { StackAddresses } from './addresses.ts';

export const serviceNames = ['order', 'inventory', 'payment', 'shipping', 'email'] as const;
export type ServiceName = (typeof serviceNames)[number];

/** Services beside the saga, one instance each: a stack has them if it is asked for them. */
export const companionNames = ['dead-letters', 'order-view', 'console'] as const;
export type CompanionName = (typeof companionNames)[number];

/** Whom dead letters can be sent back to. */
const reactorNames: readonly ProgramName[] = [...serviceNames, 'order-view'];

export type ProgramName = ServiceName | CompanionName;

export const programNames: readonly ProgramName[] = [...serviceNames, ...companionNames];

/** The programs that have a database of their own: all but the console, which remembers nothing. */
export const databaseOwners: readonly ProgramName[] = programNames.filter((name) => name !== 'console');

/** Of the database that is a service's own, and of its role. */
export const databaseOf = (name: ProgramName): string => name.replaceAll('-', '_');

/** A program of this repository that the stack runs. */
export interface Program {
  /** From the root of the repository. */
  readonly program: string;
  /** Its environment beside what every service gets. */
  environment(addresses: StackAddresses): Record<string, string>;
}

/** The services: the only list of them in the embedded stack. */
export const services: Readonly<Record<ProgramName, Program>> = {
  order: { program: 'services/order/dist/main.js', environment: () => ({}) },
  inventory: { program: 'services/inventory/dist/main.js', environment: () => ({}) },
  payment: {
    program: 'services/payment/dist/main.js',
    environment: (addresses) => ({ PAYMENT_PROVIDER_URL: addresses.paymentProvider }),
  },
  shipping: { program: 'services/shipping/dist/main.js', environment: () => ({}) },
  email: {
    program: 'services/email/dist/main.js',
    environment: (addresses) => ({
      SMTP_URL: addresses.mail.smtp,
      MAIL_FROM: 'Skald <orders@skald.example>',
    }),
  },
  'dead-letters': {
    program: 'services/dead-letters/dist/main.js',
    environment: ({ services: urls }) => ({ SERVICE_URLS: urlsOf(urls, reactorNames) }),
  },
  console: {
    program: 'services/console/dist/main.js',
    environment: ({ services: urls, verdict }) => ({
      SERVICE_URLS: urlsOf(urls, programNames),
      ...(verdict !== undefined && { AUDITOR_URL: verdict }),
    }),
  },
  'order-view': {
    program: 'services/order-view/dist/main.js',
    environment: ({ search }): Record<string, string> => (search === undefined ? {} : { SEARCH_URL: search }),
  },
};

/** As the variable SERVICE_URLS has them: those of the first instances, of what is there. */
const urlsOf = (urls: Readonly<Record<string, string>>, names: readonly ProgramName[]): string =>
  names.flatMap((name) => (urls[name] ? [`${name}=${urls[name]}`] : [])).join(',');

/** Someone else's service, simulated: it keeps its ledger in LEDGER_FILE. */
export const paymentProvider = { program: 'services/payment/dist/simulator-main.js' } as const;

/** The independent witness: finds the stack by its data folder. */
export const auditProgram = { program: 'packages/auditor/dist/main.js' } as const;

/** Each pass reads everything: with 5 % of the time at most, it stays beside whatever else is done here. */
export const gentleAudits: readonly string[] = ['--every', '60s', '--share', '5'];

/** Creates the topics and registers the schemas. Idempotent; ends by itself. */
export const provisioner = { program: 'packages/messaging/dist/provision-main.js' } as const;

/** What every service is told: see the services' README.md. */
export function serviceEnvironment(name: ProgramName, addresses: StackAddresses): Record<string, string> {
  return {
    ...(addresses.postgres[name] !== undefined && { DATABASE_URL: addresses.postgres[name] }),
    KAFKA_BROKERS: addresses.kafka.brokers.join(','),
    SCHEMA_REGISTRY_URL: addresses.registry,
    OPERATOR_TOKEN: addresses.operatorToken,
    ...services[name].environment(addresses),
  };
}
