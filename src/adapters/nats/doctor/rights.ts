import type { Broker } from '../broker.ts';

/** Something Millrace does, and a harmless way to see whether this user may. */
export interface Right {
  readonly what: string;
  readonly verb: 'publish' | 'subscribe';
  /** What to allow, as it stands in a permission. */
  readonly allow: string;
  /** A subject under `allow` that means nothing to anybody. */
  readonly subject: string;
  /** What the server answers with a refusal, if it gets that far. */
  readonly body?: object;
}

const nobody = '_doctor';
/** Names another stream than the subject does: refused whatever else it asks for. */
const mismatch = { name: nobody, stream_name: nobody, config: {} };

/** Every right a worker and the command line need. `missing`: streams and buckets that are still to be made. */
export function neededRights({ names }: Broker, missing: readonly string[]): readonly Right[] {
  const { prefix: p, streams: { events, commands, dead, output }, buckets } = names;
  const [board, entities, workers, blobs] = [`KV_${buckets.board}`, `KV_${buckets.entities}`, `KV_${buckets.workers}`, `OBJ_${buckets.blobs}`];
  const all = [events, commands, dead, output, board, entities, workers, blobs];
  const stored = (what: string, root: string, tail: string): Right => ({ what, verb: 'publish', allow: `${root}.>`, subject: `${root}.${tail}` });
  const api = (what: string, verb: string, tail: string, body?: object): Right => ({
    what, verb: 'publish', allow: `$JS.API.${verb}.${tail}`, subject: `$JS.API.${verb}.${tail.replace(/\.>$/, `.${nobody}`)}`, ...(body === undefined ? {} : { body }),
  });
  return [
    stored('publish commands', `${p}.cmd`, `${nobody}.${nobody}.check`),
    stored('append records', `${p}.evt`, `${nobody}.${nobody}`),
    stored('set timers', `${p}.timer`, `${nobody}.${nobody}.check`),
    stored('store dead letters', `${p}.dead`, `${nobody}.${nobody}`),
    stored('store build output', `${p}.output`, `${nobody}.${nobody}`),
    stored('write the board', `$KV.${buckets.board}`, nobody),
    stored('write entities', `$KV.${buckets.entities}`, nobody),
    stored('announce workers', `$KV.${buckets.workers}`, nobody),
    { what: 'hear of other workers', verb: 'subscribe', allow: `$KV.${buckets.workers}.>`, subject: `$KV.${buckets.workers}.${nobody}` },
    stored('store blobs', `$O.${buckets.blobs}`, `M.${nobody}`),
    stored('answer commands', '_INBOX', nobody),
    stored('acknowledge commands', `$JS.ACK.${commands}`, `${nobody}.1.1.1.1.1`),
    ...all.map((stream) => api(`look at ${stream}`, 'STREAM.INFO', stream)),
    ...[events, dead, output, board, workers, blobs].map((stream) => api(`read ${stream}`, 'DIRECT.GET', `${stream}.>`)),
    ...[events, output, entities].map((stream) => api(`read ${stream}`, 'STREAM.MSG.GET', stream, { last_by_subj: nobody })),
    ...[events, commands, output].map((stream) => api(`create consumers on ${stream}`, 'CONSUMER.CREATE', `${stream}.>`, mismatch)),
    ...[events, commands, output].map((stream) => api(`consume from ${stream}`, 'CONSUMER.MSG.NEXT', `${stream}.>`)),
    ...[events, output].map((stream) => api(`remove consumers of ${stream}`, 'CONSUMER.DELETE', `${stream}.>`)),
    api('look at workers', 'CONSUMER.INFO', `${commands}.>`),
    api('list consumers', 'CONSUMER.LIST', commands),
    api('hand over partitions', 'CONSUMER.UNPIN', `${commands}.>`, { group: nobody }),
    api('take over partitions', 'CONSUMER.RESET', `${commands}.>`),
    api('cancel timers', 'STREAM.PURGE', commands, { filter: nobody, seq: 1, keep: 1 }),
    api('drop dead letters', 'STREAM.MSG.DELETE', dead, { seq: 0 }),
    ...missing.map((stream) => api(`make ${stream}`, 'STREAM.CREATE', stream, mismatch)),
  ];
}
