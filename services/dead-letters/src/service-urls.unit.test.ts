import { describe, expect, it } from 'vitest';
import { createPace } from './pace.ts';
import { serviceUrls } from './service-urls.ts';

describe('SERVICE_URLS', () => {
  it('names a base URL for each service', () => {
    expect(serviceUrls.parse('order=http://a:1/, payment=https://b/x?y=z')).toEqual({
      order: 'http://a:1',
      payment: 'https://b/x?y=z',
    });
  });

  it.each(['order', 'order=', 'nobody=http://a', 'order=ftp://a', 'order=http://a,,'])(
    'refuses %s',
    (list) => {
      expect(serviceUrls.safeParse(list).error?.issues[0]?.message).toContain('must be <service>=<url>');
    },
  );
});

describe('a pace', () => {
  it('lets so many a second pass, and saves none up', () => {
    let now = 10_000;
    const pace = createPace(10, () => now);
    expect(pace.reserve(5)).toBe(0);
    expect(pace.reserve(1)).toBe(500);
    now += 5_000;
    expect([pace.reserve(10), pace.reserve(1)]).toEqual([0, 1_000]);
  });
});
