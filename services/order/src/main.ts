import { runService } from '@skald/service-kit';
import { parseConfig } from './config.ts';

await runService({
  name: 'order',
  description: 'Takes orders, prices them from the catalogue, and says how each of them ends.',
  config: parseConfig,
  create: async () => (await import('./service.ts')).createService,
});
