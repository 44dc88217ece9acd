import { computed, signal } from '@preact/signals';

export const views = ['place', 'watch', 'operate', 'docs'] as const;
export type View = (typeof views)[number];

const hash = signal(location.hash);
addEventListener('hashchange', () => {
  hash.value = location.hash;
});

/** `#/watch/<order>`: the view, and what of it. */
export const route = computed(() => {
  const [, view = '', ...rest] = hash.value.split('/');
  return { view: views.find((name) => name === view) ?? 'place', of: rest.map(decodeURIComponent) };
});

export const linkTo = (view: View, ...of: readonly (string | number)[]): string =>
  `#/${[view, ...of.map((part) => encodeURIComponent(part))].join('/')}`;
