import { expect, it } from 'vitest';
import { createEventParser } from './sse.ts';

it('tells events apart, in whatever pieces they come, and passes heartbeats over', () => {
  const parse = createEventParser();
  expect(parse('event: order\nid: 1\nda')).toEqual([]);
  expect(parse('ta: {"a":1}\n\n: still here\n\ndata: x\ndata: y\n')).toEqual([
    { name: 'order', data: '{"a":1}' },
  ]);
  expect(parse('\n')).toEqual([{ name: 'message', data: 'x\ny' }]);
});
