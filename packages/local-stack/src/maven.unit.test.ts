import { expect, it } from 'vitest';
import { createMeter } from './maven.ts';

it('adds up what Maven has downloaded and what is under way', () => {
  const meter = createMeter();
  meter.read(
    'Downloading from central: https://repo/a.jar\nProgress (1): 45/160 kB\rProgress (2): 0.5/7.3 MB | 98 kB\r',
  );
  expect(meter.megabytes()).toBeCloseTo(0.598);
  meter.read('                    \rDownloaded from central: https://repo/a.jar (7.3 MB at 9.1 MB/s)\n');
  expect(meter.megabytes()).toBeCloseTo(7.3);
  meter.read('Progress (1): registry.tar.gz (12/109 MB)\r');
  expect(meter.megabytes()).toBeCloseTo(19.3);
});
