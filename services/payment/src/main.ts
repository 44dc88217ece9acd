import { runService } from '@skald/service-kit';
import { parseConfig } from './config.ts';

await runService({
  name: 'payment',
  description: 'Charges orders and refunds them, each once at most, with the payment provider.',
  config: parseConfig,
  create: async () => (await import('./service.ts')).createService,
});
