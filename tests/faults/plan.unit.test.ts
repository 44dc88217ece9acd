import { serviceNames } from '@skald/contracts';
import { describe, expect, it } from 'vitest';
import type { Setup } from './fault.ts';
import { faultKinds } from './kinds/index.ts';
import { planFaults } from './plan.ts';

const setupOf = (brokers: number): Setup => ({
  services: serviceNames,
  instances: serviceNames.flatMap((name) => [name, `${name}-2`]),
  brokers,
});
const planOf = (seed: number, { brokers = 1, orders = 500, faults = 0 } = {}) =>
  planFaults({ seed, kinds: faultKinds, setup: setupOf(brokers), orders, faults });

describe('a plan', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(planOf(7)).toEqual(planOf(7));
    expect(planOf(7)).not.toEqual(planOf(8));
  });

  it('holds each kind that can be done to such a system, once at least', () => {
    const kindsIn = (brokers: number) => new Set(planOf(1, { brokers }).map(({ kind }) => kind));
    expect(kindsIn(1).size).toBeGreaterThan(20);
    expect(kindsIn(3)).toContain('kill -9 of a leading broker');
    expect(kindsIn(1)).not.toContain('kill -9 of a leading broker');
    expect(new Set([...kindsIn(1), ...kindsIn(3)])).toEqual(new Set(faultKinds.map(({ name }) => name)));
  });

  it('holds as many faults of processes and network as are asked for', () => {
    const counted = new Set(
      faultKinds.filter(({ family }) => ['process', 'network'].includes(family)).map(({ name }) => name),
    );
    expect(planOf(1, { faults: 40 }).filter(({ kind }) => counted.has(kind))).toHaveLength(40);
  });

  it('begins when customers come, goes on in order, and ends before the last of them', () => {
    const moments = planOf(3, { orders: 1_000, faults: 50 }).map(({ afterSent }) => afterSent);
    expect(moments).toEqual([...moments].sort((a, b) => a - b));
    expect(moments[0]).toBeGreaterThan(20);
    expect(moments.at(-1)).toBeLessThan(900);
  });
});
