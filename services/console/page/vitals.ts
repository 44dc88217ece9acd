/** As the console gathers it from the services: see src/vitals.ts. */
export interface Vitals {
  readonly at: number;
  readonly services: readonly ServiceVitals[];
  readonly deadLettersOpen: number | null;
  readonly audit: AuditVerdict | null;
}

export interface ServiceVitals {
  readonly service: string;
  readonly state: 'ready' | 'not ready' | 'away' | 'unknown';
  readonly checks: readonly { readonly name: string; readonly ready: boolean; readonly detail?: string }[];
  readonly group: GroupVitals | null;
}

export interface GroupVitals {
  readonly lag: Readonly<Record<string, number>>;
  readonly perSecond: number | null;
  readonly publishedPerSecond: number | null;
  readonly outboxDepth: number;
  readonly outboxOldestSeconds: number | null;
  readonly isRelayActive: boolean;
  readonly isHalted: boolean;
  readonly parkedMessages: number;
  readonly parkedOldestSeconds: number;
  readonly effectsOpen: number;
}

export type AuditVerdict =
  | { readonly state: 'away' | 'could not audit' }
  | {
      readonly state: 'audited';
      readonly at: number;
      readonly seconds: number;
      readonly violations: number;
      readonly invariants: readonly {
        readonly invariant: string;
        readonly promise: string;
        readonly checked: number;
        readonly violations: number;
      }[];
      readonly orders: number;
      readonly inFlight: number;
      readonly stuck: number;
    };
