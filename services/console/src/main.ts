import { runService } from '@skald/service-kit';
import { parseConfig } from './config.ts';

await runService({
  name: 'console',
  description:
    'The page in the browser, and what it may ask: events as they happen, and routes of other services.',
  config: parseConfig,
  create: async () => (await import('./service.ts')).createService,
});
