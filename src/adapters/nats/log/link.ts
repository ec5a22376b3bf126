import { errors, type NatsConnection } from '@nats-io/transport-node';

/** The connection's ups and downs, known the moment they happen and not when a request times out. */
export interface Link {
  /**
   * Do `work` on a connection that is up, waiting for it at first. Fails with a ConnectionError when
   * it does not come up in time, or as soon as it drops; what became of `work` then is unknown.
   */
  guard<T>(work: () => Promise<T>): Promise<T>;
  close(): void;
}

/** `timeoutMs`: how long to wait for a connection that is down. */
export function watchLink(nc: NatsConnection, timeoutMs: number): Link {
  let up = nc.info !== undefined;
  const working = new Set<(cause: Error) => void>();
  const waiting = new Set<() => void>();
  const statuses = nc.status();

  const change = (now: boolean): void => {
    up = now;
    if (up) for (const go of waiting) go();
    else for (const giveUp of working) giveUp(new errors.ConnectionError('the connection dropped'));
  };
  void (async () => {
    for await (const { type } of statuses) {
      if (type === 'reconnect') change(true);
      else if (type === 'disconnect' || type === 'close') change(false);
    }
  })();

  // The client drops what is published while it is disconnected, so nothing may start before.
  const connected = (): Promise<void> => new Promise((resolve, reject) => {
    if (nc.isClosed()) return reject(new errors.ClosedConnectionError());
    const settle = (): void => {
      clearTimeout(timer);
      waiting.delete(settle);
      resolve();
    };
    const timer = setTimeout(() => {
      waiting.delete(settle);
      reject(new errors.ConnectionError(`no connection for ${timeoutMs} ms`));
    }, timeoutMs);
    waiting.add(settle);
  });

  return {
    guard: async (work) => {
      if (!up) await connected();
      let giveUp: (cause: Error) => void = () => undefined;
      const dropped = new Promise<never>((_, reject) => { giveUp = reject; });
      working.add(giveUp);
      try {
        return await Promise.race([work(), dropped]);
      } finally {
        working.delete(giveUp);
      }
    },
    close: () => { if ('stop' in statuses && typeof statuses.stop === 'function') statuses.stop(); },
  };
}
