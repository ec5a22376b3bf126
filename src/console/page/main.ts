import type { Pushed } from '../protocol.ts';

const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/live`);
socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
  const message = JSON.parse(data) as Pushed;
  if (message.push === 'link') document.body.textContent = `${message.link.server} is ${message.link.state}`;
});
