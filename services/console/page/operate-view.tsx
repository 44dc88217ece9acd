import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ApiProblem, ask } from './api.ts';
import { AuditPanel } from './audit-panel.tsx';
import { DeadLetterPanel } from './dead-letter-panel.tsx';
import { DeadLetters } from './dead-letters.tsx';
import { resets } from './live.ts';
import { LogInForm } from './log-in-form.tsx';
import { ProblemNote } from './parts.tsx';
import { route } from './route.ts';
import { ServicesPanel } from './services-panel.tsx';
import { loadSession, session } from './session.ts';
import type { Vitals } from './vitals.ts';

const EVERY_MS = 3_000;
const vitals = signal<Vitals | undefined>(undefined);
const problem = signal<unknown>(undefined);

async function load(): Promise<void> {
  if (document.hidden) return;
  try {
    vitals.value = await ask<Vitals>('/api/vitals');
    problem.value = undefined;
  } catch (error) {
    problem.value = error;
    // The session is over.
    if (error instanceof ApiProblem && error.body.status === 401) await loadSession();
  }
}

export function OperateView() {
  const { isOperator } = session.value;
  useEffect(() => {
    if (!isOperator) return;
    void load();
    const timer = setInterval(() => void load(), EVERY_MS);
    return () => clearInterval(timer);
  }, [isOperator, resets.value]);
  if (!isOperator) return <LogInForm />;
  const [group, topic, partition, offset] = route.value.of;
  return (
    <>
      <ProblemNote error={problem.value} />
      {vitals.value !== undefined && (
        <>
          <ServicesPanel vitals={vitals.value} />
          <AuditPanel audit={vitals.value.audit} />
        </>
      )}
      <DeadLetters chosen={route.value.of.join('/')} />
      {group !== undefined && topic !== undefined && (
        <DeadLetterPanel
          key={route.value.of.join('/')}
          id={{ group, topic, partition: Number(partition), offset: Number(offset) }}
        />
      )}
    </>
  );
}
