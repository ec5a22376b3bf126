import type { NatsConnection } from '@nats-io/transport-node';

/** Call `run` each time the connection is back. Returns how to stop. */
export const onReconnect = (nc: NatsConnection, run: () => void): (() => void) => onStatus(nc, 'reconnect', run);

/** Call `run` each time the connection drops, as soon as that is known here. Returns how to stop. */
export const onDisconnect = (nc: NatsConnection, run: () => void): (() => void) => onStatus(nc, 'disconnect', run);

function onStatus(nc: NatsConnection, wanted: 'reconnect' | 'disconnect', run: () => void): () => void {
  const statuses = nc.status();
  let over = false;
  void (async () => {
    for await (const { type } of statuses) {
      if (over) return;
      if (type === wanted) run();
    }
  })();
  return () => {
    over = true;
    if ('stop' in statuses && typeof statuses.stop === 'function') statuses.stop();
  };
}
