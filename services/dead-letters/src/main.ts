import { runService } from '@skald/service-kit';
import { parseConfig } from './config.ts';

await runService({
  name: 'dead-letters',
  description: 'What could not be handled, by any service: to look at, try, edit, redrive and discard.',
  config: parseConfig,
  create: async () => (await import('./service.ts')).createService,
});
