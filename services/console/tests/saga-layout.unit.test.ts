import { type Step, sagaGraph } from '@skald/contracts';
import { describe, expect, it } from 'vitest';
import { layOutSaga } from '../page/saga-layout.ts';

const { steps, arrows, bands, columns, rows } = layOutSaga();
const nameOf = ({ service, verb }: Step): string => `${service}: ${verb}`;

describe('the picture of the saga', () => {
  it('has every step that an order may come by, each in a place of its own', () => {
    const wanted = sagaGraph.filter(({ kind, verb }) => kind !== 'record' && verb !== 'list');
    expect(steps.map(({ step }) => nameOf(step)).sort()).toEqual(wanted.map(nameOf).sort());
    expect(new Set(steps.map(({ column, row }) => `${column} ${row}`)).size).toBe(steps.length);
    expect(steps.every(({ column, row }) => column < columns && row < rows)).toBe(true);
  });

  it('has the steps of a service in its own band', () => {
    for (const { step, row } of steps) {
      const band = bands.find(({ service }) => service === step.service);
      expect(row - (band?.from ?? rows)).toBeGreaterThanOrEqual(0);
      expect(row).toBeLessThan((band?.from ?? 0) + (band?.rows ?? 0));
    }
  });

  it('draws an arrow for each event that a step waits for, from left to right', () => {
    for (const { step } of steps) {
      const drawn = arrows.filter(({ to }) => to.step === step).flatMap(({ events }) => events);
      expect(new Set(drawn)).toEqual(new Set(step.on));
    }
    expect(arrows.filter(({ from, to }) => from.column >= to.column)).toEqual([]);
  });

  it('tells what goes wrong from what goes on', () => {
    const kindOf = (from: string, to: string) =>
      arrows.find((arrow) => nameOf(arrow.from.step) === from && nameOf(arrow.to.step) === to)?.kind;
    expect(kindOf('inventory: reserve', 'payment: charge')).toBe('step');
    expect(kindOf('payment: charge', 'order: cancel')).toBe('refusal');
    expect(kindOf('order: cancel', 'payment: refund')).toBe('compensation');
    expect(kindOf('order: confirm', 'email: send')).toBe('note');
  });

  it('comes to an end for a graph that comes back to itself', () => {
    const step: Step = {
      service: 'order',
      verb: 'circle',
      kind: 'retriable',
      on: ['OrderConfirmed'],
      needs: 'all',
      publishes: ['OrderConfirmed'],
      onFailure: [],
    };
    expect(layOutSaga([step, { ...step, verb: 'again' }]).steps).toHaveLength(2);
  });
});
