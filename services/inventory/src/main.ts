import { runService } from '@skald/service-kit';
import { parseConfig } from './config.ts';

await runService({
  name: 'inventory',
  description: 'Owns what is in stock: reserves it for orders, ships it, and gives it back.',
  config: parseConfig,
  create: async () => (await import('./service.ts')).createService,
});
