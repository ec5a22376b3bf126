import type { Broker } from '../../adapters/nats/broker.ts';
import type { Link } from '../protocol.ts';

/** The connection to the broker, as it is now and as it changes. */
export interface LinkFeed {
  readonly now: Link;
  /** Returns how to stop. */
  onChange(tell: (link: Link) => void): () => void;
  close(): void;
}

export function linkFeed({ nc }: Broker): LinkFeed {
  const statuses = nc.status();
  const listeners = new Set<(link: Link) => void>();
  let server = nc.getServer();
  let now: Link = { state: nc.info === undefined ? 'down' : 'up', since: Date.now(), server: address(server) };
  const change = (state: Link['state']): void => {
    if (state === now.state) return;
    server = state === 'up' ? nc.getServer() : server;
    now = { state, since: Date.now(), server: address(server) };
    for (const tell of listeners) tell(now);
  };
  void (async () => {
    for await (const { type } of statuses) {
      if (type === 'reconnect') change('up');
      else if (type === 'disconnect' || type === 'close') change('down');
    }
  })();
  return {
    get now() { return now; },
    onChange(tell) {
      listeners.add(tell);
      return () => { listeners.delete(tell); };
    },
    close: () => { if ('stop' in statuses && typeof statuses.stop === 'function') statuses.stop(); },
  };
}

const address = (server: string): string => server.replace(/^.*@/, '');
