import { render } from 'preact';
import { ConsolePage } from './console-page.tsx';
import { connectLive } from './live.ts';
import { loadSession } from './session.ts';

const root = document.querySelector('#console');
if (root !== null) {
  connectLive();
  void loadSession();
  render(<ConsolePage />, root);
}
