import { errors, type NatsConnection } from '@nats-io/transport-node';
import { watchLink, type Link } from './log/link.ts';
import { persistently } from './publish.ts';
import { toMillraceError } from './errors.ts';

const links = new WeakMap<NatsConnection, Link>();

/** The one link that adapters without a life of their own share. It ends with its connection. */
export function linkOf(nc: NatsConnection): Link {
  const link = links.get(nc) ?? watchLink(nc, 5_000);
  links.set(nc, link);
  return link;
}

const patienceMs = 10_000;
/** A server that is just starting takes requests and never answers them. */
const attemptMs = 2_000;

/**
 * Do what may be repeated, again and again while the broker is away or just starting. Nothing is asked
 * over a connection that is down: the client would drop it, and only a time-out would tell. Work that
 * takes its time is `slow`: its attempts have no limit of their own.
 * @throws what {@link toMillraceError} says, `broker_gone` when patience ends.
 */
export function patiently<T>(nc: NatsConnection, doing: string, work: () => Promise<T>, { slow = false } = {}): Promise<T> {
  const attempt = slow ? work : () => within(attemptMs, work());
  return persistently(nc, patienceMs, () => linkOf(nc).guard(attempt), (cause) => toMillraceError(cause, doing));
}

function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => { timer = setTimeout(() => { reject(new errors.TimeoutError()); }, ms); });
  return Promise.race([work, late]).finally(() => { clearTimeout(timer); });
}
