import type { Json } from '../../../kernel/json.ts';
import type { ActorName } from '../../../kernel/record.ts';
import type { Broker } from '../broker.ts';
import { publishBatch } from '../group-commit/batch.ts';
import { committer, usual } from '../group-commit/committer.ts';
import { payloadLimit } from '../group-commit/wire.ts';
import { linkOf } from '../patiently.ts';
import { store, type StoreOptions } from '../publish.ts';

const utf8 = new TextEncoder();

export type Put = (actor: ActorName, subject: string, body: Json, headers: Readonly<Record<string, string>>) => Promise<void>;

/**
 * Put messages into the stream of commands, each stored when it resolves. Those of the same moment share an atomic
 * batch, and so an fsync. A batch fails as a whole, for a command that was stored before as for anything else;
 * then each goes by itself, and `Nats-Msg-Id` tells what is there already.
 */
export function putter(broker: Broker, { attemptMs = 1_000, patienceMs }: StoreOptions): Put {
  const target = { nc: broker.nc, stream: broker.names.streams.commands, timeoutMs: attemptMs };
  const group = committer({
    one: ({ subject, body, headers }) => store(broker, subject, body, Object.fromEntries(headers), { attemptMs, patienceMs }),
    many: (messages) => linkOf(broker.nc).guard(() => publishBatch(target, messages)),
    mayBeStored: () => true,
    maxPayload: payloadLimit(broker.nc),
    // One group at a time: what an actor is sent is stored in the order it was sent in, also when a batch fails.
  }, { ...usual, inFlight: 1 });
  return async (actor, subject, body, headers) => {
    await group.submit({ actor, subject, headers: Object.entries(headers), body: utf8.encode(JSON.stringify(body)) });
  };
}
