import { runService } from '@skald/service-kit';
import { parseConfig } from './config.ts';

await runService({
  name: 'console',
  config: parseConfig,
  create: async () => (await import('./service.ts')).createService,
});
