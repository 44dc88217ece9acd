import { describe, expect, it } from 'vitest';
import { renderSagaDiagram, renderSagaTable } from './saga-diagram.ts';
import { sagaGraph } from './saga-graph.ts';

const lines = renderSagaDiagram().split('\n');

describe("the saga's diagram", () => {
  it('draws a step as a box, a compensation rounded, the pivot as a hexagon', () => {
    expect(lines).toContain('  payment_charge["payment: charge"]:::payment');
    expect(lines).toContain('  shipping_callOff("shipping: call off"):::shipping');
    expect(lines).toContain('  order_confirm{{"order: confirm"}}:::order');
  });

  it('draws an event as an arrow, dotted when it tells of a failure', () => {
    expect(lines).toContain('  inventory_reserve -->|StockReserved| payment_charge');
    expect(lines).toContain('  inventory_reserve -.->|StockReservationFailed| order_cancel');
  });

  it('shows where a way ends', () => {
    expect(lines).toContain('  payment_refund --> PaymentRefunded([PaymentRefunded])');
    expect(lines).toContain('  email_send -.-> MailUnknown([MailUnknown])');
  });

  it('leaves out what is beside the saga', () => {
    expect(renderSagaDiagram()).not.toMatch(/record|ProductListed|warehouse/);
  });

  it('draws no arrow to or from a box that is not there', () => {
    const boxes = new Set(lines.map((line) => /^ {2}(\w+)[[({]/.exec(line)?.[1]));
    const ends = new Set(lines.map((line) => /> (?:\|.*\| )?(\w+)\(\[/.exec(line)?.[1]));
    for (const line of lines) {
      const arrow = /^ {2}(\w+) (?:-->|-\.->)(?:\|[\w, ]+\|)? (\w+)/.exec(line);
      if (arrow === null) continue;
      expect(boxes).toContain(arrow[1]);
      expect(boxes.has(arrow[2]) || ends.has(arrow[2])).toBe(true);
    }
  });
});

describe("the saga's table", () => {
  it('has a row for every step', () => {
    expect(renderSagaTable().trimEnd().split('\n')).toHaveLength(sagaGraph.length + 2);
    expect(renderSagaTable()).toContain(
      '| OrderCreated and StockReserved | payment: charge | undone by refund | PaymentCompleted | PaymentFailed |',
    );
  });
});
