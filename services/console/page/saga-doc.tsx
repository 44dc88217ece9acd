import { type Step, sagaGraph } from '@skald/contracts';
import { Panel, Scroll } from './parts.tsx';
import { SagaPicture, wordsOf } from './saga-picture.tsx';

const kinds: Readonly<Record<Step['kind'], string>> = {
  compensable: 'undone',
  pivot: 'the pivot: nothing is undone from here on',
  retriable: 'late, never refused',
  compensation: 'an undoing itself',
  record: 'a note only',
};

/** The saga drawn, and told step by step: both from packages/contracts, as the services' own tables are. */
export function SagaDoc() {
  return (
    <Panel title="The saga" class="doc">
      <p class="quiet">
        Nobody conducts: each service reacts to what the others say. Until the pivot (◆) all can be taken
        back; dashed and red is what goes wrong, and what it calls for.
      </p>
      <Scroll label="The saga as a picture" class="saga-scroll">
        <SagaPicture />
      </Scroll>
      <Scroll label="The saga, step by step">
        <table class="wrapping">
          <thead>
            <tr>
              <th scope="col">who does what</th>
              <th scope="col">on</th>
              <th scope="col">says</th>
              <th scope="col">or, if it fails</th>
              <th scope="col">can be</th>
            </tr>
          </thead>
          <tbody>
            {sagaGraph.map((step) => (
              <StepRow key={`${step.service} ${step.verb}`} step={step} />
            ))}
          </tbody>
        </table>
      </Scroll>
    </Panel>
  );
}

function StepRow({ step }: { readonly step: Step }) {
  const { service, verb, kind, on, needs, askedBy = [], publishes, onFailure, undoneBy } = step;
  const asked = askedBy.map((asker) => `a ${asker}`);
  const events = needs === 'all' && on.length > 1 ? [on.join(' and ')] : on;
  return (
    <tr>
      <th scope="row">
        <span class={`of-${service} service-name`}>{service}</span>: {wordsOf(verb)}
      </th>
      <td>{[...asked, ...events].join(', ')}</td>
      <td>{publishes.join(', ') || '–'}</td>
      <td>{onFailure.join(', ') || '–'}</td>
      <td>
        {kinds[kind]}
        {undoneBy !== undefined && ` by ${wordsOf(undoneBy)}`}
      </td>
    </tr>
  );
}
