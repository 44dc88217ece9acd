import { testAddresses, testCards } from '@skald/contracts';

export const cards = Object.values(testCards);

export const addresses = Object.values(testAddresses).map(({ address, does, ends }) => ({
  title: `${address.postalCode} ${address.city}, ${address.country}`,
  does,
  ends,
  address,
}));

export const burstSizes = [10, 100, 1_000] as const;
