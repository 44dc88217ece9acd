import { eventsOf, groups, isOfSaga, type ServiceName, serviceNames, topicOf, topics } from './catalogue.ts';
import { type EventName, eventNames } from './generated/events.ts';
import { type Step, sagaGraph } from './saga-graph.ts';
import { outcomesOf, stepsAfter, stepsBefore } from './saga-order.ts';

/** What is wrong with a saga, in sentences; nothing when every way through it ends well. */
export function sagaFlaws(graph: readonly Step[] = sagaGraph): readonly string[] {
  return [
    ...eventNames.filter(isStep).flatMap((event) => eventFlaws(event, graph)),
    ...graph.flatMap((step) => stepFlaws(step, graph)),
    ...pivotFlaws(graph),
    ...serviceNames.flatMap((service) => serviceFlaws(service, graph)),
  ];
}

/** What a view of the saga says is no step of it. */
const isStep = (event: EventName): boolean => isOfSaga(topics[topicOf(event)].writer);

const nameOf = ({ service, verb }: Step): string => `${service}.${verb}`;

function eventFlaws(event: EventName, graph: readonly Step[]): string[] {
  const { name, writer } = topics[topicOf(event)];
  const writers = graph.filter((step) => outcomesOf(step).includes(event));
  const flaws = writers
    .filter(({ service }) => service !== writer)
    .map((step) => `${nameOf(step)} publishes ${event}, but ${name} is written by ${writer} alone`);
  if (writers.length === 0) flaws.push(`${event} has no writer`);
  if (!graph.some(({ on }) => on.includes(event))) flaws.push(`${event} has no reader`);
  return flaws;
}

function stepFlaws(step: Step, graph: readonly Step[]): string[] {
  const flaws = step.on
    .filter((event) => !groups[step.service].includes(topicOf(event)))
    .map((event) => `${nameOf(step)} reacts to ${event}, but its service doesn't consume ${topicOf(event)}`);
  if (step.on.length === 0 && step.askedBy === undefined) flaws.push(`nothing calls for ${nameOf(step)}`);
  if (step.kind !== 'compensable') return flaws;
  const undo = graph.find(({ service, verb }) => service === step.service && verb === step.undoneBy);
  if (undo?.kind !== 'compensation') flaws.push(`nothing takes ${nameOf(step)} back`);
  for (const event of step.onFailure) {
    const noticed = graph.some(({ kind, on }) => kind === 'compensation' && on.includes(event));
    if (!noticed) flaws.push(`${nameOf(step)} fails with ${event}, and nothing is compensated`);
  }
  return flaws;
}

/** All that leads to the pivot can be taken back; nothing that follows from it needs to be. */
function pivotFlaws(graph: readonly Step[]): string[] {
  const [pivot, ...others] = graph.filter(({ kind }) => kind === 'pivot');
  if (pivot === undefined || others.length > 0)
    return [`a saga has one pivot, not ${others.length + (pivot ? 1 : 0)}`];
  return [
    ...[...stepsBefore(pivot, graph)]
      .filter(({ kind }) => kind !== 'compensable')
      .map((step) => `${nameOf(step)} comes before the pivot, but is ${step.kind}`),
    ...[...stepsAfter(pivot, graph)]
      .filter(({ kind }) => kind !== 'retriable' && kind !== 'record')
      .map((step) => `${nameOf(step)} comes after the pivot, but is ${step.kind}`),
  ];
}

function serviceFlaws(service: ServiceName, graph: readonly Step[]): string[] {
  const steps = graph.filter((step) => step.service === service);
  const read = steps.flatMap(({ on }) => on);
  const twice = new Set(read.filter((event, index) => read.indexOf(event) !== index));
  return [
    ...[...twice].map((event) => `${service} has two verbs for ${event}`),
    ...groups[service]
      .filter((topic) => !eventsOf(topic).some((event) => read.includes(event)))
      .map((topic) => `${service} consumes ${topic} and reads none of its events`),
  ];
}
