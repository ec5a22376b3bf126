import type { NatsConnection } from '@nats-io/transport-node';
import { onDisconnect, onReconnect } from '../adapters/nats/reconnect.ts';

/** Aborts once there was no connection for so long without a break. Returns with it how to stop. */
export function awayFor(nc: NatsConnection, ms: number): { readonly signal: AbortSignal; stop(): void } {
  const away = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const isBack = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  // Each try that fails is a disconnect of its own.
  const stops = [onDisconnect(nc, () => { timer ??= setTimeout(() => { away.abort(); }, ms); }), onReconnect(nc, isBack), isBack];
  return { signal: away.signal, stop: () => { for (const stop of stops) stop(); } };
}
