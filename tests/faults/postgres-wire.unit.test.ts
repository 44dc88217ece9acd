import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCommitWatch, createOutcomeWatch } from './postgres-wire.ts';

function message(type: string, ...texts: string[]): Buffer {
  const body = Buffer.concat(texts.map((text) => Buffer.from(`${text}\0`)));
  const head = Buffer.alloc(type.length + 4);
  head.write(type, 'latin1');
  head.writeInt32BE(body.length + 4, type.length);
  return Buffer.concat([head, body]);
}

const startup = message('', 'user', 'skald');
const insert = message('Q', 'INSERT INTO notes VALUES ($$COMMIT$$)');
const asQuery = message('Q', 'COMMIT');
const parsed = message('P', 'finish', 'COMMIT', '');
const bound = Buffer.concat([message('B', '', 'finish', ''), message('E', '', '')]);
const boundOther = Buffer.concat([message('B', '', 'other', ''), message('E', '', '')]);

/** How often a COMMIT is seen in a stream, wherever its packets end. */
function commitsIn(stream: Buffer, cuts: readonly number[] = []): number {
  let count = 0;
  const watch = createCommitWatch(() => {
    count += 1;
  });
  let from = 0;
  for (const to of [...cuts].sort((a, b) => a - b).concat(stream.length)) {
    if (to > from) watch(stream.subarray(from, to));
    from = Math.max(from, to);
  }
  return count;
}

describe('a COMMIT on its way to Postgres', () => {
  it.each([
    ['a simple query', [asQuery], 1],
    ['parsed, bound and executed', [parsed, bound], 1],
    ['executed again without being parsed again', [parsed, bound, bound], 2],
    ['parsed, and another statement executed', [parsed, boundOther], 0],
    ['a text that only mentions it', [insert], 0],
    ['behind another statement', [insert, asQuery], 1],
  ])('is seen when it is executed: %s', (_how, messages, times) => {
    expect(commitsIn(Buffer.concat([startup, ...messages]))).toBe(times);
  });

  it('is seen once wherever the packets end', () => {
    const stream = Buffer.concat([startup, insert, parsed, bound, insert]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: stream.length })), (cuts) => {
        expect(commitsIn(stream, cuts)).toBe(1);
      }),
    );
  });
});

it('the answer says whether it was committed or rolled back', () => {
  const outcomes: string[] = [];
  const watch = createOutcomeWatch((outcome) => outcomes.push(outcome));
  watch(Buffer.concat([message('C', 'INSERT 0 1'), message('C', 'COMMIT'), message('Z', '')]));
  watch(message('C', 'ROLLBACK'));
  expect(outcomes).toEqual(['COMMIT', 'ROLLBACK']);
});
