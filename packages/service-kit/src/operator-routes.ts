import {
  actRequestSchema,
  editRequestSchema,
  type InvalidField,
  logPageSchema,
  logQuerySchema,
  type Operator,
  parkedDetailSchema,
  parkedPageSchema,
  parkedPathSchema,
  parkedQuerySchema,
  parkingSchema,
  redriveAnswerSchema,
  redriveRequestSchema,
  tryAnswerSchema,
  tryRequestSchema,
} from '@skald/contracts';
import type { App } from './http.ts';
import { operatorDocs as docs } from './operator-docs.ts';
import { createGuard } from './operator-guard.ts';
import { Problem } from './problem.ts';

const tags = ['operator'];
/** Bytes: an edited value may be as large as a record. */
const bodyLimit = 2 * 1024 * 1024;

/** What operators may do with parked messages, for those who know the token: the routes of `Operator`. */
export function serveOperator(app: App, operator: Operator, token: string): void {
  const onRequest = createGuard(token);

  app.get(
    '/operator/parking',
    {
      onRequest,
      schema: {
        tags,
        summary: 'How much is parked',
        description: 'Messages that failed, those that wait behind them, and since when.',
        response: { 200: parkingSchema },
      },
    },
    () => operator.parking(),
  );

  app.get(
    '/operator/parked',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Open messages, in the order in which they were parked',
        description: 'Page by page: `next` of one is the `after` of the next.',
        querystring: parkedQuerySchema,
        response: { 200: parkedPageSchema },
      },
    },
    (request) => operator.parked(request.query),
  );

  app.get(
    '/operator/parked/:topic/:partition/:offset',
    {
      onRequest,
      config: { docs: docs.parked },
      schema: {
        tags,
        summary: 'A parked message, and what waits behind it',
        description: 'Decoded, or why it can not be; its bytes, its headers, and what its handler threw.',
        params: parkedPathSchema,
        response: { 200: parkedDetailSchema },
      },
    },
    async (request) => {
      const detail = await operator.detail(request.params);
      if (detail === undefined) throw new Problem({ status: 404, detail: 'Not parked here' });
      return detail;
    },
  );

  app.post(
    '/operator/try',
    {
      onRequest,
      bodyLimit,
      config: { docs: docs.try },
      schema: {
        tags,
        summary: 'What would a redrive do?',
        description: `Runs the real handler in a transaction that is rolled back. ${docs.said}.`,
        body: tryRequestSchema,
        response: { 200: tryAnswerSchema },
      },
    },
    async (request) => {
      const answer = await operator.try(request.body);
      if ('invalid' in answer) throw invalidValue(answer.invalid);
      return answer;
    },
  );

  app.post(
    '/operator/redrive',
    {
      onRequest,
      config: { docs: docs.redrive },
      schema: {
        tags,
        summary: 'Take the messages of parked keys in again, in order',
        description: `Each message is a transaction of its own; what waits behind one follows it. ${docs.said}.`,
        body: redriveRequestSchema,
        response: { 200: redriveAnswerSchema },
      },
    },
    (request) => operator.redrive(request.body),
  );

  app.post(
    '/operator/discard',
    {
      onRequest,
      config: { docs: docs.discard },
      schema: {
        tags,
        summary: 'Give messages up, so that the rest of their keys goes on',
        description: `What waited behind them is taken in. ${docs.said}.`,
        body: actRequestSchema,
        response: { 200: redriveAnswerSchema },
      },
    },
    (request) => operator.discard(request.body),
  );

  app.post(
    '/operator/edit',
    {
      onRequest,
      bodyLimit,
      config: { docs: docs.edit },
      schema: {
        tags,
        summary: 'Replace the value of a parked message',
        description:
          'The next redrive takes the new value. The bytes that came stay in the dead letter topic.',
        body: editRequestSchema,
        response: { 200: parkedDetailSchema },
      },
    },
    async (request) => {
      const result = await operator.edit(request.body);
      if ('invalid' in result) throw invalidValue(result.invalid);
      if ('detail' in result) return result.detail;
      const status = result.refusal === 'unknown' ? 404 : 409;
      throw new Problem({ status, detail: `It can't be edited: ${result.refusal}` });
    },
  );

  app.get(
    '/operator/log',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Who did what, and why',
        description: 'Oldest first; page by page: `next` of one is the `after` of the next.',
        querystring: logQuerySchema,
        response: { 200: logPageSchema },
      },
    },
    (request) => operator.log(request.query),
  );
}

const invalidValue = (invalid: readonly InvalidField[]) =>
  new Problem({
    status: 422,
    type: 'urn:skald:problem:invalid-value',
    title: 'The value doesn’t fit its schema',
    errors: invalid.map(({ pointer, detail }) => ({ pointer: `#/data${pointer}`, detail })),
  });
