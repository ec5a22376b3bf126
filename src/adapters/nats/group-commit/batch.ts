import { errors, nuid } from '@nats-io/transport-node';
import type { Position } from '../../../runtime/ports/log.ts';
import { ask, headersOf, type Outgoing, type Target } from './wire.ts';

/** What the batch headers can add to a message's size. */
export const batchOverhead = 160;

/**
 * Store all of them or none, in one atomic batch (server 2.12): plain publishes, and a request for
 * the last, whose answer speaks for all. At most one message per subject, each with its own
 * expectation, if any; a failed one fails the batch. The server stores a batch as one contiguous run, so the
 * last sequence tells every position. The client's own batch publisher drops expectations and hides
 * errors, hence by hand.
 */
export async function publishBatch(target: Target, messages: readonly Outgoing[]): Promise<readonly Position[]> {
  const id = nuid.next();
  const tags = (place: number): [string, string][] => [['Nats-Batch-Id', id], ['Nats-Batch-Sequence', String(place)]];
  const last = messages.at(-1);
  if (last === undefined) return [];
  messages.slice(0, -1).forEach((message, index) => {
    target.nc.publish(message.subject, message.body, { headers: headersOf(message, tags(index + 1)) });
  });
  const answer = await ask(target, last, headersOf(last, [...tags(messages.length), ['Nats-Batch-Commit', '1']]));
  if (answer.count !== messages.length) {
    throw new errors.ProtocolError(`the server counts ${answer.count ?? 'no'} messages in a batch of ${messages.length}`);
  }
  const first = answer.seq - messages.length + 1;
  return messages.map((_, index) => first + index);
}
