import { type Answer, send } from '@skald/testkit';
import { instancesOf } from './recovery.ts';
import type { System } from './system.ts';

interface Health {
  readonly status: string;
  readonly checks?: readonly { readonly name: string; readonly ready: boolean; readonly detail?: string }[];
}

/** What an instance's `/readyz` says, in short: `200`, `503 database`, `nothing`. */
export async function readinessOf({ stack }: System, instance: string): Promise<string> {
  const url = `${stack.addresses.services[instance]}/readyz`;
  const answer = await send<Health>(url, { timeoutMs: 5_000 }).catch(() => undefined);
  return answer === undefined ? 'nothing' : inShort(answer);
}

function inShort({ status, body }: Answer<Health>): string {
  const checks = body.checks ?? [];
  const unready = checks.filter(({ ready }) => !ready).map(({ name }) => name);
  const details = checks.flatMap(({ name, detail }) =>
    detail?.startsWith('waiting for') ? [`${name} ${detail}`] : [],
  );
  return [status, ...unready, ...details].join(', ');
}

/** What each instance says, and what it said before: told once, when it changes. */
export interface ReadinessLog {
  /** Looks once at all instances. */
  look(): Promise<void>;
  /** All that an instance has said since the log was begun. */
  said(instance: string): readonly string[];
}

export function createReadinessLog(system: System): ReadinessLog {
  const said = new Map<string, string[]>(instancesOf(system).map((instance) => [instance, []]));
  return {
    async look() {
      await Promise.all(
        [...said].map(async ([instance, answers]) => {
          const answer = await readinessOf(system, instance);
          if (answers.at(-1) === answer) return;
          answers.push(answer);
          system.say(`readyz of ${instance}: ${answer}`);
        }),
      );
    },
    said: (instance) => said.get(instance) ?? [],
  };
}
