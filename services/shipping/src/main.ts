import { runService } from '@skald/service-kit';
import { parseConfig } from './config.ts';

await runService({
  name: 'shipping',
  description: 'Books shipments with the carrier, dispatches them, and calls them off.',
  config: parseConfig,
  create: async () => (await import('./service.ts')).createService,
});
