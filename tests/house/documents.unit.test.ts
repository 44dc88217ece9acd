import { companionNames, serviceNames } from '@skald/contracts';
import { describe, expect, it } from 'vitest';
import { programs, textOf } from './tree.ts';

/** Every kind of problem that a home's code can answer. */
const problemsIn = (home: string): string[] =>
  programs
    .filter((file) => file.home === home)
    .flatMap(({ code }) => code.match(/'urn:skald:problem:[a-z-]+'/g) ?? [])
    .map((literal) => literal.slice(1, -1));

describe.each([...serviceNames, ...companionNames])('the API of %s', (service) => {
  const document = textOf(`docs/api/openapi/${service}.json`);

  it('names each kind of problem that the service answers, and no other', () => {
    const own = problemsIn(`services/${service}`);
    expect(own.filter((type) => !document.includes(`\`${type}\``))).toEqual([]);
    const known = new Set([...own, ...problemsIn('packages/service-kit')]);
    const named = document.match(/urn:skald:problem:[a-z-]+/g) ?? [];
    expect(named.filter((type) => !known.has(type))).toEqual([]);
  });
});

it('some service answers a problem of its own', () => {
  expect(problemsIn('services/order')).toContain('urn:skald:problem:order-confirmed');
});
