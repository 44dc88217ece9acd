/** HTML that is safe to put into HTML. */
export interface Html {
  readonly html: string;
}

type Value = string | Html | readonly Html[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '');

function htmlOf(value: Value): string {
  if (typeof value === 'string') return escaped(value);
  return 'html' in value ? value.html : value.map(({ html }) => html).join('');
}

/** Markup as written, values escaped: text can't become markup. */
export const html = (markup: TemplateStringsArray, ...values: readonly Value[]): Html => ({
  html: String.raw({ raw: markup }, ...values.map(htmlOf)),
});
