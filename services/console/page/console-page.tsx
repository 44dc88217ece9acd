import { useEffect, useRef } from 'preact/hooks';
import { DocsView } from './docs-view.tsx';
import { count } from './format.ts';
import { connection, rate } from './live.ts';
import { OperateView } from './operate-view.tsx';
import { Choice } from './parts.tsx';
import { PlaceView } from './place-view.tsx';
import { linkTo, route, type View, views } from './route.ts';
import { theme, themes } from './theme.ts';
import { WatchView } from './watch-view.tsx';

const titles: Readonly<Record<View, string>> = {
  place: 'Place',
  watch: 'Watch',
  operate: 'Operate',
  docs: 'Docs',
};

export function ConsolePage() {
  const { view } = route.value;
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = `${titles[view]} · Skald console`;
    if (!isFirst.current) main.current?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [view]);
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        To the content
      </button>
      <header class="bar">
        <a class="brand" href={linkTo('place')}>
          <img src="/icon.svg" alt="" width="24" height="24" />
          Skald
        </a>
        <nav aria-label="Views">
          {views.map((name) => (
            <a key={name} href={linkTo(name)} aria-current={name === view ? 'page' : undefined}>
              {titles[name]}
            </a>
          ))}
        </nav>
        <Connection />
        <Choice
          label="Colours"
          values={themes}
          chosen={theme.value}
          onChoose={(name) => {
            theme.value = name;
          }}
        />
      </header>
      <main id="main" ref={main} tabIndex={-1} class={`view view-${view}`}>
        <h1 class="unseen">{titles[view]}</h1>
        {view === 'place' && <PlaceView />}
        {view === 'watch' && <WatchView />}
        {view === 'operate' && <OperateView />}
        {view === 'docs' && <DocsView />}
      </main>
    </>
  );
}

const states = { connecting: 'connecting', live: 'live', away: 'reconnecting' } as const;

function Connection() {
  const state = connection.value;
  return (
    <div class="connection">
      <span class={`dot dot-${state}`} aria-hidden="true" />
      <span role="status">{states[state]}</span>
      <span class="quiet rate">{count(Math.round(rate.value))} events/s</span>
    </div>
  );
}
