import type { FaultKind } from '../fault.ts';
import { addPartitions, killLeader, reassignPartitions } from './cluster.ts';
import { fullDisk } from './disk.ts';
import { rebalanceStorm } from './groups.ts';
import {
  killBroker,
  killInstance,
  killPostgres,
  killProvider,
  killRegistry,
  killService,
  rollingRestart,
} from './kills.ts';
import { networkFaults } from './network.ts';
import { pauseBroker, pauseInstance } from './pauses.ts';
import { incompatibleProducer, poisonEverywhere } from './poison.ts';
import { recordFaults } from './records.ts';
import { killBeforeMark, killRelay } from './relays.ts';

/** Every kind of fault that a plan draws from. */
export const faultKinds: readonly FaultKind[] = [
  killInstance,
  killService,
  killRelay,
  killBeforeMark,
  killBroker,
  killLeader,
  killPostgres,
  killRegistry,
  killProvider,
  pauseInstance,
  pauseBroker,
  rebalanceStorm,
  rollingRestart,
  ...networkFaults,
  ...recordFaults,
  poisonEverywhere,
  incompatibleProducer,
  fullDisk,
  addPartitions,
  reassignPartitions,
];
