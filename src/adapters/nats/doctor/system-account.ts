import { connect, type NodeConnectionOptions } from '@nats-io/transport-node';
import { TerminalError } from '../../../kernel/errors.ts';
import type { Broker } from '../broker.ts';
import { isNoResponders, toMillraceError } from '../errors.ts';
import { factsOf, type ServerFacts } from './facts.ts';

/** Ask every server, as a user of the system account. @throws TerminalError `no_permission`, RetryableError `broker_gone`. */
export async function askSystemAccount(broker: Broker, options: NodeConnectionOptions): Promise<readonly ServerFacts[]> {
  try {
    const nc = await connect({ servers: broker.nc.getServer(), timeout: 5_000, ...options, name: 'millrace doctor', reconnect: false });
    try {
      // Nobody knows how many will answer: those who have not within half a second after the first do not.
      const answers = await nc.requestMany('$SYS.REQ.SERVER.PING.VARZ', '', { strategy: 'stall', stall: 500, maxWait: 3_000, noMux: true });
      const found: ServerFacts[] = [];
      for await (const answer of answers) {
        const facts = factsOf(answer.json<{ data?: unknown }>().data);
        if (facts !== undefined) found.push(facts);
      }
      if (found.length === 0) throw notSystem();
      return found;
    } finally {
      await nc.close();
    }
  } catch (cause) {
    throw isNoResponders(cause) ? notSystem(cause) : toMillraceError(cause, 'ask the servers through the system account');
  }
}

const notSystem = (cause?: unknown): TerminalError =>
  new TerminalError('no_permission', 'No server answers this user about itself.', { hint: 'It must be a user of the system account.', cause });
