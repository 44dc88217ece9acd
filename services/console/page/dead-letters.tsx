import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { AllThatMatch } from './dead-letters-all.tsx';
import { type DeadLetter, type DeadLetterPage, type Filter, listDeadLetters } from './dead-letters-client.ts';
import { count, shortId, span } from './format.ts';
import { Choice, Panel, ProblemNote, Scroll } from './parts.tsx';
import { linkTo } from './route.ts';

const EVERY_MS = 3_000;
const states = ['open', 'redriven', 'discarded', 'all'] as const;

const filter = signal<Filter>({ state: 'open', group: '', topic: '', code: '', text: '' });
const page = signal<DeadLetterPage | undefined>(undefined);
/** How many pages are shown. */
const pages = signal(1);
const problem = signal<unknown>(undefined);

export async function loadDeadLetters(): Promise<void> {
  const asked = filter.value;
  try {
    const answer = await readPages(asked, pages.value);
    if (asked === filter.value) page.value = answer;
    problem.value = undefined;
  } catch (error) {
    problem.value = error;
  }
}

/** One after the other, as each says where the next begins. */
async function readPages(asked: Filter, wanted: number): Promise<DeadLetterPage> {
  const first = await listDeadLetters(asked);
  const deadLetters = [...first.deadLetters];
  let { nextCursor } = first;
  for (let read = 1; read < wanted && nextCursor !== null; read += 1) {
    const next = await listDeadLetters(asked, nextCursor);
    deadLetters.push(...next.deadLetters);
    nextCursor = next.nextCursor;
  }
  return { ...first, deadLetters, nextCursor };
}

const set = (change: Partial<Filter>): void => {
  pages.value = 1;
  filter.value = { ...filter.value, ...change };
};

/** @param props.chosen group/topic/partition/offset */
export function DeadLetters(props: { readonly chosen: string }) {
  useEffect(() => {
    void loadDeadLetters();
    const timer = setInterval(() => void loadDeadLetters(), EVERY_MS);
    return () => clearInterval(timer);
  }, [filter.value, pages.value]);
  const { deadLetters = [], facets, nextCursor = null } = page.value ?? {};
  return (
    <Panel
      title="Dead letters"
      class="dead-letters"
      aside={<span class="quiet">{facets ? `${count(facets.total)} ${filter.value.state}` : ''}</span>}
    >
      <div class="filters">
        <Choice
          label="State"
          values={states}
          chosen={filter.value.state}
          onChoose={(state) => set({ state })}
        />
        <FacetChoice name="group" counts={facets?.group} />
        <FacetChoice name="topic" counts={facets?.topic} />
        <FacetChoice name="code" counts={facets?.code} />
        <input
          type="search"
          placeholder="Text in value or error"
          aria-label="Text in value or error"
          value={filter.value.text}
          onInput={({ currentTarget }) => set({ text: currentTarget.value })}
        />
      </div>
      <ProblemNote error={problem.value} />
      {filter.value.state === 'open' && (
        <AllThatMatch
          filter={filter.value}
          total={facets?.total ?? 0}
          onDone={() => void loadDeadLetters()}
        />
      )}
      {page.value !== undefined && deadLetters.length === 0 && <p class="empty">No such dead letters.</p>}
      {deadLetters.length > 0 && (
        <Scroll label="List of dead letters">
          <table>
            <thead>
              <tr>
                <th scope="col">dead letter</th>
                <th scope="col">event</th>
                <th scope="col">key</th>
                <th scope="col">error</th>
                <th scope="col" class="figure">
                  attempts
                </th>
                <th scope="col" class="figure">
                  age
                </th>
                <th scope="col">state</th>
              </tr>
            </thead>
            <tbody>
              {deadLetters.map((letter) => (
                <LetterRow key={nameOf(letter)} letter={letter} isChosen={nameOf(letter) === props.chosen} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {nextCursor !== null && (
        <button
          type="button"
          class="minor more"
          onClick={() => {
            pages.value += 1;
          }}
        >
          Show more dead letters
        </button>
      )}
    </Panel>
  );
}

const nameOf = ({ group, topic, partition, offset }: DeadLetter): string =>
  `${group}/${topic}/${partition}/${offset}`;

function LetterRow({ letter, isChosen }: { readonly letter: DeadLetter; readonly isChosen: boolean }) {
  const { group, topic, partition, offset, event, key, error, attempts, firstFailedAt, state, edited } =
    letter;
  return (
    <tr class={isChosen ? 'chosen' : ''}>
      <th scope="row">
        <a
          href={linkTo('operate', group, topic, partition, offset)}
          aria-current={isChosen ? 'true' : undefined}
        >
          {nameOf(letter)}
        </a>
      </th>
      <td>{event ?? '–'}</td>
      <td>
        <code title={key}>{shortId(key)}</code>
      </td>
      <td title={error.text}>{error.code}</td>
      <td class="figure">{attempts}</td>
      <td class="figure">{span(Date.now() - Date.parse(firstFailedAt))}</td>
      <td>
        {state}
        {edited && <span class="quiet">, edited</span>}
      </td>
    </tr>
  );
}

function FacetChoice(props: {
  readonly name: 'group' | 'topic' | 'code';
  readonly counts: Readonly<Record<string, number>> | undefined;
}) {
  const { name, counts = {} } = props;
  const chosen = filter.value[name];
  const values = [...new Set([...Object.keys(counts), ...(chosen === '' ? [] : [chosen])])].sort();
  return (
    <select
      aria-label={name}
      value={chosen}
      onChange={({ currentTarget }) => set({ [name]: currentTarget.value })}
    >
      <option value="">every {name}</option>
      {values.map((value) => (
        <option key={value} value={value}>
          {value}
          {counts[value] === undefined ? '' : ` (${counts[value]})`}
        </option>
      ))}
    </select>
  );
}
