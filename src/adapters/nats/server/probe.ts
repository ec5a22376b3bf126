import { connect } from 'node:net';

/** What a server says of itself before anybody has signed in. */
export interface ServerGreeting {
  readonly server_name: string;
  readonly version: string;
  readonly jetstream?: boolean;
}

/** The greeting of whoever listens on a loopback port; undefined when nobody does, or it is no nats-server. */
export function greeting(port: number, timeoutMs = 1_000): Promise<ServerGreeting | undefined> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ port, host: '127.0.0.1' });
    const finish = (found?: ServerGreeting): void => { socket.destroy(); resolve(found); };
    socket.setTimeout(timeoutMs, () => { finish(); });
    socket.on('error', () => { finish(); }).on('close', () => { finish(); });
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8');
      const end = text.indexOf('\r\n');
      if (end >= 0 || text.length > 65_536) finish(parse(text.slice(0, Math.max(end, 0))));
    });
  });
}

function parse(line: string): ServerGreeting | undefined {
  if (!line.startsWith('INFO ')) return undefined;
  try {
    return JSON.parse(line.slice(5)) as ServerGreeting;
  } catch {
    return undefined;
  }
}
