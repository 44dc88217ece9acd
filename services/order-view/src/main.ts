import { runService } from '@skald/service-kit';
import { parseConfig } from './config.ts';

await runService({
  name: 'order-view',
  config: parseConfig,
  create: async () => (await import('./service.ts')).createService,
});
