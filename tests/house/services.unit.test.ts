import { companionNames, groupNames, isOfSaga, serviceNames } from '@skald/contracts';
import { describe, expect, it } from 'vitest';
import { exists, foldersIn, paths, sources } from './tree.ts';

interface Role {
  /** Found in the file that plays the role, and in no other of the service. */
  readonly mark: RegExp;
  readonly isOptional?: true;
}

/** One name for one role, in every service. What a service lacks it omits; it never renames it. */
const roles: Readonly<Record<string, Role>> = {
  'main.ts': { mark: /\brunService\(/ },
  'service.ts': { mark: /\bcreateKernel\(/ },
  'config.ts': { mark: /\bprocess\.env\b/ },
  'saga.ts': { mark: /^export const saga\b/m },
  'store.ts': { mark: /^export (?:async function|const) save\b/m },
  'world.ts': { mark: /^export (?:interface|type) World\b/m },
  'http.ts': { mark: /^export (?:function|const) routes\b/m },
  'effects.ts': { mark: /\bEffectRunner\b/, isOptional: true },
  'inputs.ts': { mark: /^export (?:function|const) isOurs\b/m, isOptional: true },
  'reactor.ts': { mark: /^export function createReactor\b/m, isOptional: true },
};

/**
 * The same for a service beside the saga. It has no kernel: what marks its composition root is that it makes the service;
 * and what only a reaction needs, it must not have under any name.
 */
const companionRoles: Readonly<Record<string, Role>> = {
  ...roles,
  'service.ts': { mark: /^export async function createService\b/m },
};
/** Who has no database of its own, and so neither migrations nor a store. */
const ownsNothing = (service: string): boolean => service === 'console';
const isLacking = (service: string, name: string): boolean =>
  ofReactions.includes(name) || (name === 'store.ts' && ownsNothing(service));
const ofReactions = ['saga.ts', 'world.ts', 'effects.ts', 'inputs.ts', 'reactor.ts'];

/** Who looks at the saga on a kernel: sections in place of a saga, a reaction, and no effect on the world. */
const viewers = groupNames.filter((name) => !isOfSaga(name));
const { 'saga.ts': _saga, 'effects.ts': _effects, ...rolesBesideSaga } = roles;
const viewerRoles: Readonly<Record<string, Role>> = {
  ...rolesBesideSaga,
  'sections.ts': { mark: /^export const sections\b/m },
  'reactor.ts': { mark: /^export const reactor\b/m },
};

/** The rules, in the file of the aggregate that they are about. */
const aggregates: Readonly<Record<string, string>> = {
  order: 'order.ts',
  inventory: 'reservation.ts',
  payment: 'payment.ts',
  shipping: 'shipment.ts',
  email: 'mail.ts',
};

/** What other houses call the same things. */
const SYNONYMS =
  /^(?:app|server|index|handlers?|controllers?|router|routes|repository|repositories|dao|db|database|env|environment|settings|types|models?|entities|constants|side-effects|bootstrap)\.ts$/;

const wholePaths = new Set(paths);

it('the services are those of the catalogue', () => {
  expect(foldersIn('services')).toEqual([...serviceNames, ...companionNames].sort());
});

const filesOf = (service: string) => {
  const home = `services/${service}`;
  const own = sources.filter((file) => file.path.startsWith(`${home}/src/`) && !file.isTest);
  return { home, own, names: own.map(({ path }) => path.slice(`${home}/src/`.length)) };
};
const playersOf = (own: typeof sources, { mark }: Role): string[] =>
  own.filter(({ code }) => mark.test(code)).map(({ path }) => path);

describe.each(serviceNames)('%s', (service) => {
  const { home, own, names } = filesOf(service);

  it('has a page that says what it owns, a migration, a package and its rules', () => {
    const wanted = ['README.md', 'package.json', 'tsconfig.json', `src/${aggregates[service]}`];
    expect(wanted.filter((path) => !wholePaths.has(`${home}/${path}`))).toEqual([]);
    expect(exists(`${home}/migrations`)).toBe(true);
  });

  it.each(Object.entries(roles))('%s plays its role, and nothing else does', (name, role) => {
    const players = playersOf(own, role);
    const isAbsent = role.isOptional === true && players.length === 0 && !names.includes(name);
    expect(players).toEqual(isAbsent ? [] : [`${home}/src/${name}`]);
  });

  it('has no second name for a role, and one folder of sources', () => {
    expect(names.filter((name) => SYNONYMS.test(name) || name.includes('/'))).toEqual([]);
  });
});

describe.each(viewers)('%s, which looks at the saga,', (service) => {
  const { home, own, names } = filesOf(service);

  it.each(Object.entries(viewerRoles))('has in %s what belongs there, and nowhere else', (name, role) => {
    expect(playersOf(own, role)).toEqual([`${home}/src/${name}`]);
  });

  it('takes no part in it, has no second name for a role, and one folder of sources', () => {
    const isOfParticipants = (name: string) => name === 'saga.ts' || name === 'effects.ts';
    expect(
      names.filter((name) => isOfParticipants(name) || SYNONYMS.test(name) || name.includes('/')),
    ).toEqual([]);
  });
});

describe.each(companionNames)('%s, beside the saga,', (service) => {
  const { home } = filesOf(service);

  it('has a page that says what it owns, a migration if it owns a database, and a package', () => {
    const wanted = ['README.md', 'package.json', 'tsconfig.json'];
    expect(wanted.filter((path) => !wholePaths.has(`${home}/${path}`))).toEqual([]);
    expect(exists(`${home}/migrations`)).toBe(!ownsNothing(service));
  });
});

describe.each(companionNames.filter((name) => !viewers.some((viewer) => viewer === name)))(
  '%s, beside the saga and without a kernel,',
  (service) => {
    const { home, own, names } = filesOf(service);

    it.each(Object.entries(companionRoles))(
      'has in %s what belongs there, and nowhere else',
      (name, role) => {
        expect(playersOf(own, role)).toEqual(isLacking(service, name) ? [] : [`${home}/src/${name}`]);
      },
    );

    it('has nothing that only a reaction needs, no second name for a role, and one folder of sources', () => {
      const wrong = (name: string) => ofReactions.includes(name) || SYNONYMS.test(name) || name.includes('/');
      expect(names.filter(wrong)).toEqual([]);
    });
  },
);
