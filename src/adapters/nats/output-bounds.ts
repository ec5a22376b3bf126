import type { ActorName } from '../../kernel/record.ts';
import type { Broker } from './broker.ts';

/**
 * What to tell whoever reads an actor's output when its beginning may be gone: it has as many lines as an
 * actor may have, or the stream has dropped lines of the actor's time because they were old or it was full.
 */
export async function missingNote({ names, jsm }: Broker, actor: ActorName): Promise<string | undefined> {
  const subject = names.output(actor);
  const { config, state } = await jsm.streams.info(names.streams.output, { subjects_filter: subject });
  const { max_msgs_per_subject: lines, max_bytes: bytes, max_age: age } = config;
  const has = state.subjects?.[subject] ?? 0;
  const isCut = lines > 0 && has >= lines;
  if (!isCut && state.first_seq <= 1) return undefined;
  if (!isCut && !droppedSince(await createdAt())) return undefined;
  const bounds = [
    ...(lines > 0 ? [`the newest ${lines} lines of an actor`] : []), ...(age > 0 ? [`lines of the last ${Math.round(age / hour)} hours`] : []),
    ...(bytes > 0 ? [`${Math.round(bytes / mebibyte)} MiB of all actors together`] : []),
  ];
  return `[earlier lines may be gone: kept are ${bounds.join(', ')}]`;

  function droppedSince(created: number | undefined): boolean {
    if (created === undefined) return false;
    const isOld = age > 0 && created < Date.now() - age / 1e6;
    const isFull = bytes > 0 && state.bytes > bytes * nearlyFull;
    return (isOld || isFull) && created < (state.messages === 0 ? Infinity : Date.parse(state.first_ts));
  }

  async function createdAt(): Promise<number | undefined> {
    const first = await jsm.direct.getMessage(names.streams.events, { next_by_subj: names.event(actor) });
    return first?.time.getTime();
  }
}

const hour = 3600 * 1e9;
const mebibyte = 1024 * 1024;
/** A stream at its bound is always a little below it: the line that came last made room for itself. */
const nearlyFull = 0.9;
