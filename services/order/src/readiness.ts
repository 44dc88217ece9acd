import { topicOf } from '@skald/contracts';
import type { Kernel } from '@skald/messaging';
import type { Check } from '@skald/service-kit';
import type { Catalogue } from './catalogue.ts';

/**
 * Ready for HTTP: the database answers, commands are taken, and the catalogue is loaded. Loaded it is once its topic has
 * been read to the end, or, while Kafka is away, with what the database holds; and then it stays so, whatever the
 * consumer does.
 */
export function createReadiness(kernel: Kernel, catalogue: Catalogue): () => readonly Check[] {
  let isLoaded = false;
  let isLooking = false;

  /** Beside the answer, which doesn't wait for Kafka: the next one knows. */
  async function look(): Promise<void> {
    isLooking = true;
    try {
      if (await kernel.hasReadToEnd(topicOf('ProductListed'))) isLoaded = true;
    } catch {
      // Kafka is away: then the consumer will say so.
    } finally {
      isLooking = false;
    }
  }

  return () => {
    // The catalogue comes as a whole: where one product of it is, the end of its topic is behind the last.
    if (!isLoaded && catalogue.size > 0) {
      if (kernel.status().consumer === 'waiting') isLoaded = true;
      else if (!isLooking) void look();
    }
    return [
      ...kernel.readiness(),
      { name: 'catalogue', ready: isLoaded, detail: `${catalogue.size} products` },
    ];
  };
}
