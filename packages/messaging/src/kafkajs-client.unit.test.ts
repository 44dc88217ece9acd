import kafkajs from 'kafkajs';
import { expect, it } from 'vitest';

// Hashes from Kafka's own test: clients/src/test/java/org/apache/kafka/common/utils/UtilsTest.java, testMurmur2.
it.each([
  ['21', -973_932_308],
  ['foobar', -790_332_482],
  ['a-little-bit-long-string', -985_981_536],
  ['a-little-bit-longer-string', -1_486_304_829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58_897_971],
  ['abc', 479_470_107],
])('the key %s goes to the partition that every other client chooses', (key, hash) => {
  const partitionMetadata = Array.from({ length: 997 }, (_, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader: 1,
    replicas: [1],
    isr: [1],
  }));
  const choose = kafkajs.Partitioners.DefaultPartitioner();
  const partition = choose({
    topic: 't',
    partitionMetadata,
    message: { key: Buffer.from(key), value: null },
  });
  expect(partition).toBe((hash & 0x7fffffff) % 997);
});
