import { topicOf } from '@skald/contracts';
import type { Kernel } from '@skald/messaging';
import type { Check } from '@skald/service-kit';
import type { Catalogue } from './catalogue.ts';

/**
 * Ready for HTTP: the database answers, commands are taken, and the catalogue is loaded. Loaded it is once we have read
 * its topic to the end, or, while Kafka is away, with what the database holds; and then it stays so, whatever the
 * consumer does.
 */
export function createReadiness(kernel: Kernel, catalogue: Catalogue): () => readonly Check[] {
  let isLoaded = false;
  return () => {
    const { consumer } = kernel.status();
    isLoaded ||=
      catalogue.size > 0 && (consumer === 'waiting' || kernel.hasReadToEnd(topicOf('ProductListed')));
    return [
      ...kernel.readiness(),
      { name: 'catalogue', ready: isLoaded, detail: `${catalogue.size} products` },
    ];
  };
}
