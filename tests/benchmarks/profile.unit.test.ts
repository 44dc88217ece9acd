import { describe, expect, it } from 'vitest';
import { type CpuProfile, selfTimes, selfTimesByPackage } from './profile.ts';

const frame = (id: number, functionName: string, url: string, lineNumber = 0) => ({
  id,
  callFrame: { functionName, url, lineNumber },
});

const profile: CpuProfile = {
  nodes: [
    frame(1, '(idle)', ''),
    frame(2, 'decode', 'file:///home/me/skald/packages/messaging/dist/codec.js', 11),
    frame(3, 'query', 'file:///home/me/skald/node_modules/.pnpm/pg@8.23.1/node_modules/pg/lib/client.js', 4),
    frame(4, '(garbage collector)', ''),
    frame(5, 'writev', ''),
    frame(6, '', 'node:net', 20),
    frame(7, 'dispatch', ''),
  ],
  samples: [1, 7, 2, 2, 3, 4, 5, 6],
  timeDeltas: [9_000, 8_000, 2_000, 3_000, 4_000, 500, 250, 125],
};

describe('self times of CPU profiles', () => {
  it('are summed by function over profiles, without idling', () => {
    expect(selfTimes([profile, profile])).toEqual([
      { name: 'decode packages/messaging/dist/codec.js:12', ms: 10 },
      { name: 'query pg/lib/client.js:5', ms: 8 },
      { name: '(garbage collector)', ms: 1 },
      { name: 'writev', ms: 0.5 },
      { name: '(anonymous) node:net:21', ms: 0.25 },
    ]);
  });

  it('are summed by package', () => {
    expect(selfTimesByPackage([profile])).toEqual([
      { name: 'packages/messaging', ms: 5 },
      { name: 'pg', ms: 4 },
      { name: '(garbage collector)', ms: 0.5 },
      { name: '(native)', ms: 0.25 },
      { name: 'node', ms: 0.125 },
    ]);
  });
});
