import { useSignal } from '@preact/signals';
import { Panel, ProblemNote } from './parts.tsx';
import { logIn } from './session.ts';

export function LogInForm() {
  const token = useSignal('');
  const problem = useSignal<unknown>(undefined);
  const submit = async (event: Event) => {
    event.preventDefault();
    problem.value = undefined;
    try {
      await logIn(token.value.trim());
    } catch (error) {
      problem.value = error;
    }
  };
  return (
    <Panel title="For operators" class="log-in">
      <p class="quiet">
        Placing and watching need nothing. What follows is for who has the operator’s token:{' '}
        <code>OPERATOR_TOKEN</code> of the services, or <code>operatorToken</code> in{' '}
        <code>.skald/state.json</code> of a local stack.
      </p>
      <form onSubmit={(event) => void submit(event)}>
        <label for="operator-token">Operator’s token</label>
        <input
          id="operator-token"
          type="password"
          autocomplete="current-password"
          required
          value={token.value}
          onInput={({ currentTarget }) => {
            token.value = currentTarget.value;
          }}
        />
        <button type="submit" class="primary">
          Operate
        </button>
      </form>
      <ProblemNote error={problem.value} />
    </Panel>
  );
}
