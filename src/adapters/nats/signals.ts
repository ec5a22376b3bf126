import type { Signals } from '../../runtime/ports/signals.ts';
import type { Broker } from './broker.ts';

/** Plain messages to whoever is subscribed now. What is said while the broker is away is lost. */
export function natsSignals({ nc, names }: Broker): Signals {
  const say = (subject: string, body: object): void => {
    if (!nc.isClosed()) nc.publish(subject, JSON.stringify(body));
  };
  return {
    status: (actor, body) => say(names.status(actor), body),
    emit: (actor, body) => say(names.emit(actor), body),
  };
}
