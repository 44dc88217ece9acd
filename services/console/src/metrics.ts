import { Gauge, type Registry } from 'prom-client';
import type { EventStream } from './event-stream.ts';

export function measureStreams(stream: EventStream, metrics: Registry): void {
  new Gauge({
    name: 'console_event_streams',
    help: 'Browsers that are told of events as they happen',
    registers: [metrics],
    collect() {
      this.set(stream.readers);
    },
  });
}
