import { renderSagaDiagram, renderSagaTable } from '../saga-diagram.ts';

const BEGIN = '<!-- generated from packages/contracts/src/saga-graph.ts: begin -->';
const END = '<!-- generated: end -->';

/** The saga's page with picture and table drawn anew between its markers. Throws when it has no markers. */
export const renderSagaPage = (page: string): string =>
  replaceBetween(page, `${picture()}\n${renderSagaTable()}`);

/** A page with the picture alone. */
export const renderSagaPicture = (page: string): string => replaceBetween(page, picture());

const picture = (): string => `\`\`\`mermaid\n${renderSagaDiagram()}\`\`\`\n`;

function replaceBetween(page: string, drawing: string): string {
  const [start, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`The saga's page needs ${BEGIN} and ${END}`);
  return `${page.slice(0, start + BEGIN.length)}\n\n${drawing}\n${page.slice(end)}`;
}
