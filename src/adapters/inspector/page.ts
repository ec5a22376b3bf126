import { createHash } from 'node:crypto';
import { markup, script as own, style } from './own-page.ts';

/** Where Stately's own inspector is. */
const stately = 'https://stately.ai/inspect';

/**
 * The Stately inspector only says hello once it is loaded, and a browser does not say that a frame could not be. So
 * our own page is there until it does. Then all is told anew: the inspector must not begin in the middle.
 */
const script = `${own}
const frame = document.getElementById('inspector');
const state = document.getElementById('state');
let isThere = false;
let socket;
const listen = () => {
  socket?.close();
  let count = 0;
  const mine = socket = new WebSocket('ws://' + location.host);
  mine.onmessage = ({ data }) => {
    if (mine !== socket) return;
    const message = JSON.parse(data);
    if (isThere) frame.contentWindow.postMessage(message, '${new URL(stately).origin}');
    else own.take(message);
    count += 1;
    state.textContent = count === 1 ? '1 message' : count + ' messages';
  };
  mine.onclose = () => { if (mine === socket) state.textContent = 'millrace inspect has ended'; };
};
window.addEventListener('message', (event) => {
  if (event.source !== frame.contentWindow || event.data?.type !== '@statelyai.connected') return;
  isThere = true;
  frame.inert = false;
  document.body.classList.add('stately');
  own.forget();
  listen();
});
listen();
`;

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** What the page may load: its own script and style, its socket, and Stately's inspector in a frame. */
export const pagePolicy = `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; connect-src 'self'; frame-src https://stately.ai; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** Our own page, and over it Stately's inspector in a frame, fed from our socket. */
export const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Millrace: inspector</title>
<style>${style}</style>
</head>
<body>
${markup}
<iframe id="inspector" title="Stately inspector" src="${stately}" inert></iframe>
<p id="state" role="status">nothing heard yet</p>
<script>${script}</script>
</body>
</html>
`;
