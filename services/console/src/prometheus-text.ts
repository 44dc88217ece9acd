/** One figure of a service's `/metrics`. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /([A-Za-z_]\w*)="((?:\\.|[^"\\])*)"/g;
const ESCAPED: Readonly<Record<string, string>> = { n: '\n' };

/** Prometheus' text format, as far as counters and gauges go. A line that is none is passed over. */
export const parseMetrics = (text: string): readonly Sample[] =>
  text.split('\n').flatMap((line) => {
    const [, name, labels = '', value = ''] = LINE.exec(line) ?? [];
    if (name === undefined || Number.isNaN(Number(value))) return [];
    return [{ name, labels: labelsOf(labels), value: Number(value) }];
  });

const labelsOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(LABEL)].map(([, name = '', value = '']) => [
      name,
      value.replaceAll(/\\(.)/g, (_, character: string) => ESCAPED[character] ?? character),
    ]),
  );
