import { runService } from '@skald/service-kit';
import { parseConfig } from './config.ts';

await runService({
  name: 'email',
  description: 'Sends an order’s mails, each once at most.',
  config: parseConfig,
  create: async () => (await import('./service.ts')).createService,
});
