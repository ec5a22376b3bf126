import { errors, type NatsConnection } from '@nats-io/transport-node';

/** Tells that the connection dropped the moment it does, not when a request times out. */
export interface Link {
  /** `work`, or a ConnectionError as soon as the connection drops. What `work` does then is unknown. */
  guard<T>(work: Promise<T>): Promise<T>;
  close(): void;
}

export function watchLink(nc: NatsConnection): Link {
  const waiting = new Set<(cause: Error) => void>();
  const drop = (): void => {
    for (const reject of waiting) reject(new errors.ConnectionError('the connection dropped'));
    waiting.clear();
  };
  const statuses = nc.status();
  void (async () => {
    for await (const status of statuses) if (status.type === 'disconnect' || status.type === 'close') drop();
    drop();
  })();
  return {
    guard: (work) => new Promise((resolve, reject) => {
      waiting.add(reject);
      const done = (): unknown => waiting.delete(reject);
      work.then((value) => { done(); resolve(value); }, (cause: unknown) => { done(); reject(cause as Error); });
    }),
    close: () => { if ('stop' in statuses && typeof statuses.stop === 'function') statuses.stop(); },
  };
}
