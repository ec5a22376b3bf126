/** Where Stately's own inspector is. */
const stately = 'https://stately.ai/inspect';

/** What the page may load: itself, its socket, and Stately's inspector in a frame. */
export const pagePolicy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self' ws:; frame-src https://stately.ai; frame-ancestors 'none'";

/** The Stately inspector in a frame, fed from our socket; it only says hello once it is loaded. */
export const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Millrace: Stately inspector</title>
<style>
html,body{height:100%;margin:0;font:14px system-ui,sans-serif;color-scheme:light dark}
iframe{width:100%;height:100%;border:0}
p{position:fixed;right:12px;bottom:8px;margin:0;padding:4px 10px;border-radius:6px;background:Canvas;color:CanvasText;border:1px solid GrayText}
</style>
</head>
<body>
<iframe id="inspector" title="Stately inspector" src="${stately}"></iframe>
<p id="state" role="status">waiting for the inspector</p>
<script>
const frame = document.getElementById('inspector');
const state = document.getElementById('state');
const waiting = [];
let connected = false;
let count = 0;
const say = () => { state.textContent = connected ? count + ' messages' : count + ' messages wait for the inspector; without internet look at them in the Millrace console'; };
window.addEventListener('message', (event) => {
  if (event.source !== frame.contentWindow || event.data?.type !== '@statelyai.connected') return;
  connected = true;
  for (const message of waiting.splice(0)) frame.contentWindow.postMessage(message, '${new URL(stately).origin}');
  say();
});
const socket = new WebSocket('ws://' + location.host);
socket.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  count += 1;
  if (connected) frame.contentWindow.postMessage(message, '${new URL(stately).origin}');
  else waiting.push(message);
  say();
};
socket.onclose = () => { state.textContent = 'millrace inspect has ended'; };
</script>
</body>
</html>
`;
