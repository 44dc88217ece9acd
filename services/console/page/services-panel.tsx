import { count, span } from './format.ts';
import { Panel, Scroll } from './parts.tsx';
import { logOut } from './session.ts';
import type { GroupVitals, ServiceVitals, Vitals } from './vitals.ts';

/** An event that waits longer for Kafka than this is held up: the relay wakes within milliseconds. */
const OLD_SECONDS = 10;

export function ServicesPanel({ vitals }: { readonly vitals: Vitals }) {
  return (
    <Panel
      title="Services"
      class="services"
      aside={
        <button type="button" class="minor" onClick={() => void logOut()}>
          Stop operating
        </button>
      }
    >
      <Scroll label="Services, consumer groups and outboxes">
        <table>
          <thead>
            <tr>
              <th scope="col">service</th>
              <th scope="col">state</th>
              <th scope="col" class="figure">
                lag
              </th>
              <th scope="col" class="figure">
                consumed/s
              </th>
              <th scope="col" class="figure">
                published/s
              </th>
              <th scope="col" class="figure">
                outbox
              </th>
              <th scope="col" class="figure">
                oldest
              </th>
              <th scope="col" class="figure">
                parked
              </th>
              <th scope="col" class="figure">
                effects
              </th>
              <th scope="col">relay</th>
            </tr>
          </thead>
          <tbody>
            {vitals.services.map((service) => (
              <ServiceRow key={service.service} {...service} />
            ))}
          </tbody>
        </table>
      </Scroll>
    </Panel>
  );
}

function ServiceRow({ service, state, checks, group }: ServiceVitals) {
  const details = checks.filter(
    ({ ready, detail }) => !ready || (detail !== undefined && detail !== 'running'),
  );
  return (
    <tr>
      <th scope="row" class={`of-${service} service-name`}>
        {service}
      </th>
      <td>
        <span class={`badge badge-${state === 'not ready' ? 'not' : state}`}>
          {group?.isHalted ? 'halted' : state}
        </span>
        {details.map(({ name, detail }) => (
          <span key={name} class="quiet check">
            {name}: {detail ?? 'not ready'}
          </span>
        ))}
      </td>
      {group === null ? <td class="quiet" colSpan={8} /> : <GroupCells {...group} />}
    </tr>
  );
}

function GroupCells(group: GroupVitals) {
  const lag = Object.values(group.lag).reduce((sum, value) => sum + value, 0);
  const topics = Object.entries(group.lag)
    .filter(([, value]) => value > 0)
    .map(([topic, value]) => `${topic}: ${count(value)}`);
  const { outboxOldestSeconds: oldest, parkedMessages, parkedOldestSeconds } = group;
  return (
    <>
      <td class={`figure ${lag > 0 ? 'figure-up' : ''}`} title={topics.join(', ')}>
        {count(lag)}
      </td>
      <td class="figure">{perSecond(group.perSecond)}</td>
      <td class="figure">{perSecond(group.publishedPerSecond)}</td>
      <td class={`figure ${group.outboxDepth > 0 ? 'figure-up' : ''}`}>{count(group.outboxDepth)}</td>
      <td class={`figure ${(oldest ?? 0) > OLD_SECONDS ? 'figure-bad' : ''}`}>
        {oldest === null || group.outboxDepth === 0 ? '–' : span(oldest * 1_000)}
      </td>
      <td class={`figure ${parkedMessages > 0 ? 'figure-bad' : ''}`}>
        {count(parkedMessages)}
        {parkedMessages > 0 && <span class="quiet"> {span(parkedOldestSeconds * 1_000)}</span>}
      </td>
      <td class="figure">{count(group.effectsOpen)}</td>
      <td>{group.isRelayActive ? 'active' : 'standby'}</td>
    </>
  );
}

const perSecond = (value: number | null): string =>
  value === null ? '–' : value.toFixed(value < 10 ? 1 : 0);
