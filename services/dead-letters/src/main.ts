import { runService } from '@skald/service-kit';
import { parseConfig } from './config.ts';

await runService({
  name: 'dead-letters',
  config: parseConfig,
  create: async () => (await import('./service.ts')).createService,
});
