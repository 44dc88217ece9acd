import { describe, expect, it } from 'vitest';
import { identitySettings, settingsOf } from './kafka-settings.ts';

const listener = { name: 'order-2', port: 20_010, advertisedPort: 20_020 };

describe('a node of Kafka', () => {
  it('tells a client with a listener of its own the port of what stands between, and everybody else its own', () => {
    const settings = identitySettings({
      id: 1,
      port: 20_001,
      listeners: [listener],
      controllerPorts: [20_002],
    });
    expect(settings['listeners']).toBe(
      'PLAINTEXT://127.0.0.1:20001,CONTROLLER://127.0.0.1:20002,ORDER_2://127.0.0.1:20010',
    );
    expect(settings['advertised.listeners']).toBe('PLAINTEXT://127.0.0.1:20001,ORDER_2://127.0.0.1:20020');
    expect(settings['listener.security.protocol.map']).toContain('ORDER_2:PLAINTEXT');
  });

  it('alone keeps one copy; of three each record is on all, and on two before it counts', () => {
    const node = { id: 2, port: 20_001, listeners: [] };
    const alone = settingsOf({ ...node, id: 1, controllerPorts: [1] }, 'data');
    const ofThree = settingsOf({ ...node, controllerPorts: [1, 2, 3] }, 'data');
    const copies = [
      'min.insync.replicas',
      'offsets.topic.replication.factor',
      'transaction.state.log.min.isr',
    ];
    expect(copies.map((name) => alone[name])).toEqual([1, 1, 1]);
    expect(copies.map((name) => ofThree[name])).toEqual([2, 3, 2]);
    expect(ofThree['controller.quorum.voters']).toBe('1@127.0.0.1:1,2@127.0.0.1:2,3@127.0.0.1:3');
  });
});
