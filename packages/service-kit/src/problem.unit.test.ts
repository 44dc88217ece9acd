import { expect, test } from 'vitest';
import { toProblem } from './error-handler.ts';
import { Problem, problemSchema, problemText } from './problem.ts';

test('a problem has the phrase of its status, if it has no title', () => {
  const body: unknown = JSON.parse(problemText(new Problem({ status: 404 })));
  expect(body).toEqual({ type: 'about:blank', title: 'Not Found', status: 404 });
});

test('a problem travels with all it was given', () => {
  const problem = new Problem({
    status: 422,
    type: 'urn:skald:problem:unknown-sku',
    title: 'Unknown product',
    detail: 'There is no SKU-9999',
    errors: [{ pointer: '#/items/0/sku', detail: 'unknown' }],
  });
  const body = problemSchema.parse(JSON.parse(problemText(problem, '/orders', 'abc')));
  expect(body).toEqual({
    type: 'urn:skald:problem:unknown-sku',
    title: 'Unknown product',
    status: 422,
    detail: 'There is no SKU-9999',
    instance: '/orders',
    traceId: 'abc',
    errors: [{ pointer: '#/items/0/sku', detail: 'unknown' }],
  });
});

test('an error that says it can be tried again is a 503 with Retry-After', () => {
  const outage = Object.assign(new Error('connect ECONNREFUSED 10.0.0.7'), { retryable: true });
  expect(toProblem(outage)).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
});

test.each([new Error('select * from secrets'), 'a string', undefined, { status: 200 }])(
  'what is unexpected (%s) is a 500 that tells nothing',
  (error) => {
    const problem = toProblem(error);
    expect(problem.cause).toBe(error);
    expect(JSON.parse(problemText(problem))).toEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
    });
  },
);
