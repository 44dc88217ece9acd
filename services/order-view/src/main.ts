import { runService } from '@skald/service-kit';
import { parseConfig } from './config.ts';

await runService({
  name: 'order-view',
  description: 'The read side: all that is known of an order in one place, put together from events alone.',
  config: parseConfig,
  create: async () => (await import('./service.ts')).createService,
});
