import type { StoredMail } from './mail-store.ts';

/** The newest mails, to look at: no script, and each mail in a sandbox of its own. */
export function mailPage(mails: readonly StoredMail[], total: number): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Mails (${total})</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark; }
  details { border-bottom: 1px solid #8884; padding: .6rem 0; }
  summary { cursor: pointer; }
  small { opacity: .7; }
  iframe { width: 100%; height: 26rem; border: 1px solid #8884; border-radius: 6px; background: #fff; margin-top: .6rem; }
</style>
<h1>Mails</h1>
<p>${total === 0 ? 'None yet.' : `${total} so far, the newest first${total > mails.length ? `; here the last ${mails.length}` : ''}.`}
As JSON: <a href="/messages">/messages</a></p>
${mails.map(mailDetails).join('\n')}
</html>
`;
}

const mailDetails = ({ to, subject, text, html, headers }: StoredMail): string => `<details>
<summary><b>${escapeHtml(subject)}</b> <small>to ${escapeHtml(to)} ${escapeHtml(headers['date'] ?? '')}</small></summary>
<iframe sandbox title="${escapeHtml(subject)}" srcdoc="${escapeHtml(html || `<pre>${escapeHtml(text)}</pre>`)}"></iframe>
</details>`;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
