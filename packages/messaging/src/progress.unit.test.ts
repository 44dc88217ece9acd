import { describe } from 'vitest';
import { createFakeProgress } from '../tests/fake-progress.ts';
import { itKeepsProgress } from '../tests/progress-conformance.ts';

describe('progress as the tests keep it', () => {
  itKeepsProgress(() => {
    const kept = createFakeProgress();
    let started = 0;
    return {
      async start() {
        started += 1;
        const instance = `instance-${started}`;
        return { progress: kept.of(instance), die: async () => kept.die(instance) };
      },
    };
  });
});
