import { renderSagaDiagram, renderSagaTable } from '../saga-diagram.ts';

const BEGIN = '<!-- generated from packages/contracts/src/saga-graph.ts: begin -->';
const END = '<!-- generated: end -->';

/** A Markdown page with what stands between its markers drawn anew. Throws when it has no markers. */
export function renderSagaPage(page: string): string {
  const [start, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`The saga's page needs ${BEGIN} and ${END}`);
  const body = `\n\n\`\`\`mermaid\n${renderSagaDiagram()}\`\`\`\n\n${renderSagaTable()}\n`;
  return page.slice(0, start + BEGIN.length) + body + page.slice(end);
}
