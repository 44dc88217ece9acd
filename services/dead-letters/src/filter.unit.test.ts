import { describe, expect, it } from 'vitest';
import { and, conditionOf } from './filter.ts';

describe('a filter in SQL', () => {
  it('is true for everything when it says nothing', () => {
    expect(conditionOf({}, undefined)).toEqual({ sql: 'true', values: [] });
  });

  it('holds all that is asked for, each value as a parameter', () => {
    const evil = "'; DROP TABLE dead_letters; --";
    const { sql, values } = conditionOf({ group: 'payment', text: evil, key: evil }, 'open');
    expect(sql).toBe('state = $1 AND consumer_group = $2 AND key = $3 AND position(lower($4) IN words) > 0');
    expect(values).toEqual(['open', 'payment', evil, evil]);
  });

  it('goes from a time up to before another', () => {
    const { sql } = conditionOf({ from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }, undefined);
    expect(sql).toBe('first_failed_at >= $1::timestamptz AND first_failed_at < $2::timestamptz');
  });

  it('can be narrowed', () => {
    const narrowed = and(conditionOf({ code: 'X' }, undefined), (place) => `id < ${place}`, 7);
    expect(narrowed).toEqual({ sql: 'error_code = $1 AND id < $2', values: ['X', 7] });
  });
});
