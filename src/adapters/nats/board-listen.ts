import type { Subscription } from '@nats-io/transport-node';
import type { BoardEntry } from '../../runtime/ports/board.ts';
import { decodeEntry } from './board.ts';
import type { Broker } from './broker.ts';

/**
 * Every line that is put on the board, as it passes. A plain subscription to the bucket's subjects: it needs no
 * consumer and outlives the bucket and the server; what passes while the connection is down is not heard.
 */
export function listenToBoard({ nc, names }: Broker, onEntry: (entry: BoardEntry) => void): Subscription {
  return nc.subscribe(`$KV.${names.buckets.board}.>`, { callback: (error, { data }) => {
    const entry = error === null ? decodeEntry(data) : undefined;
    if (entry !== undefined) onEntry(entry);
  } });
}
