import type { NatsConnection } from '@nats-io/transport-node';

/** Call `run` each time the connection is back. Returns how to stop. */
export function onReconnect(nc: NatsConnection, run: () => void): () => void {
  const statuses = nc.status();
  let over = false;
  void (async () => {
    for await (const status of statuses) {
      if (over) return;
      if (status.type === 'reconnect') run();
    }
  })();
  return () => {
    over = true;
    if ('stop' in statuses && typeof statuses.stop === 'function') statuses.stop();
  };
}
