import type { Colour, Paint } from '@skald/command-line';
import { type Step as SagaStep, sagaGraph } from '@skald/contracts';
import type { NextStep } from './order.ts';

/** What a step was to its order: it went forward, could not be done, or took another one back. */
export type Kind = 'forward' | 'refusal' | 'compensation';

/** The saga's own step; undefined where another version of the system has taken it. */
export const sagaStepOf = ({ service, verb }: NextStep): SagaStep | undefined =>
  sagaGraph.find((step) => step.service === service && step.verb === verb);

export function kindOf(step: NextStep & { readonly event: string }): Kind {
  const known = sagaStepOf(step);
  if (known?.onFailure.some((event) => event === step.event)) return 'refusal';
  return known?.kind === 'compensation' ? 'compensation' : 'forward';
}

const colours: Readonly<Record<Kind, Colour | undefined>> = {
  forward: undefined,
  refusal: 'red',
  compensation: 'yellow',
};

export function paintKind(kind: Kind, paint: Paint, text: string): string {
  const colour = colours[kind];
  return colour === undefined ? text : paint(colour, text);
}
