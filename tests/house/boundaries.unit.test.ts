import { posix } from 'node:path';
import { companionNames, groupNames, serviceNames } from '@skald/contracts';
import { describe, expect, it } from 'vitest';
import { offences, programs, type SourceFile, sources } from './tree.ts';

const ofServices = ['@skald/contracts', '@skald/messaging', '@skald/service-kit'];

/** Who may know whom at run time: dependencies point one way. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'packages/contracts': [],
  'packages/command-line': [],
  // It asks the running services, as anybody would; of the log, one record for its trace.
  'packages/order-cli': ['@skald/command-line', '@skald/contracts', '@skald/messaging'],
  'packages/messaging': ['@skald/contracts'],
  'packages/service-kit': ['@skald/contracts'],
  'packages/local-stack': ['@skald/command-line'],
  // It asks the services as processes, as they are started.
  'packages/documents': ['@skald/contracts', '@skald/local-stack'],
  // It reads the witnesses, never the code that it judges.
  'packages/auditor': ['@skald/command-line', '@skald/contracts'],
  // It runs the services' own rules once more: no rule is written down twice.
  'packages/replay': [
    '@skald/auditor',
    '@skald/command-line',
    '@skald/contracts',
    '@skald/local-stack',
    '@skald/messaging',
    '@skald/messaging/simulation',
    ...groupNames.map((service) => `@skald/${service}/simulation`),
  ],
  'packages/testkit': [
    '@skald/auditor',
    '@skald/command-line',
    '@skald/contracts',
    '@skald/local-stack',
    '@skald/messaging',
  ],
  ...Object.fromEntries(
    [...serviceNames, ...companionNames].map((service) => [`services/${service}`, ofServices]),
  ),
  // They have command lines of their own.
  'services/dead-letters': ['@skald/command-line', ...ofServices],
  'services/order-view': ['@skald/command-line', ...ofServices],
};

/** What tests may know besides: a stack to run on, and the harness. */
const ofTests = [
  '@skald/auditor',
  '@skald/command-line',
  '@skald/contracts',
  '@skald/messaging',
  '@skald/local-stack',
  '@skald/testkit',
];

/** The simulation alone puts the services' own parts together, by what they export for it. */
const isForSimulation = (path: string, from: string): boolean =>
  path.startsWith('tests/simulation/') && /^@skald\/[a-z-]+\/simulation$/.test(from);

/** One benchmark measures a service's stores themselves, without the rest of it. */
const isForBenchmark = (path: string, from: string): boolean =>
  path.startsWith('tests/benchmarks/read-model/') && from === '@skald/order-view/stores';

const housemates = ({ imports }: SourceFile): string[] =>
  imports.map(({ from }) => from).filter((from) => from.startsWith('@skald/'));

describe('boundaries', () => {
  it('dependencies point one way: services → service-kit, messaging → contracts', () => {
    expect(
      offences(programs, (file) => housemates(file).filter((from) => !allowed[file.home]?.includes(from))),
    ).toEqual([]);
  });

  it('tests know a stack and a harness besides, and no service, but for the simulation', () => {
    const tests = sources.filter(({ isTest }) => isTest);
    expect(
      offences(tests, (file) =>
        housemates(file).filter(
          (from) =>
            !isForSimulation(file.path, from) &&
            !isForBenchmark(file.path, from) &&
            ![...(allowed[file.home] ?? []), ...ofTests].includes(from),
        ),
      ),
    ).toEqual([]);
  });

  it('nobody reaches into another package', () => {
    expect(
      offences(sources, ({ path, home, imports }) =>
        imports
          .map(({ from }) => from)
          .filter((from) => from.startsWith('.') && !reached(path, from).startsWith(`${home}/`)),
      ),
    ).toEqual([]);
  });

  it('a Kafka client is imported in packages/messaging alone, and by the auditor, who trusts nobody; tests excepted', () => {
    const others = programs.filter(
      ({ home }) => home !== 'packages/messaging' && home !== 'packages/auditor',
    );
    expect(offences(others, ({ imports }) => kafkaClients(imports))).toEqual([]);
  });

  it('what tests need is not imported by programs', () => {
    expect(
      offences(programs, ({ imports }) =>
        imports
          .map(({ from }) => from)
          .filter((from) => /^(?:vitest|fast-check|testcontainers)\b|\.test\.ts$|\/tests\//.test(from)),
      ),
    ).toEqual([]);
  });
});

const reached = (path: string, from: string): string => posix.join(posix.dirname(path), from);

const kafkaClients = (imports: SourceFile['imports']): string[] =>
  imports.map(({ from }) => from).filter((from) => /kafka/.test(from) && !from.startsWith('.'));
