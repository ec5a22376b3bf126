import { RetryableError, TerminalError } from '../../kernel/errors.ts';
import type { Definition } from '../../kernel/definition.ts';
import type { ActorName, LogRecord } from '../../kernel/record.ts';
import type { EventLog } from '../../runtime/ports/log.ts';
import { moodOf, sentenceOf } from '../../projections/story.ts';
import type { ActorFace, ActorPush, ShownRecord } from '../protocol.ts';
import { shown, shownText } from '../shown.ts';
import { pastOf, type Past } from './past.ts';
import type { Watch } from './watch.ts';

/** An actor that somebody looks at: its whole log, folded in the background, and what comes. */
export interface OpenActor {
  readonly actor: ActorName;
  readonly past: Past | undefined;
  /** Its face once its log is read; what only the folded log says comes as news. @throws TerminalError `no_such_actor`. */
  face(): Promise<ActorFace>;
  records(from: number, to: number): readonly ShownRecord[];
  watch(changed: () => void): Watch<ActorPush>;
  close(): void;
}

export interface OpenOptions {
  readonly log: EventLog;
  readonly definitionOf: (type: string) => Definition | undefined;
  /** Resolves when the broker is there again. */
  readonly linkUp: (signal: AbortSignal) => Promise<void>;
  /** Something went wrong for good; it shows what it has. */
  readonly onError: (error: unknown) => void;
}

/** New records that go at once. */
const atOnce = 100;

export function openActor(actor: ActorName, { log, definitionOf, linkUp, onError }: OpenOptions): OpenActor {
  const definition = definitionOf(actor.slice(0, actor.indexOf('/')));
  const past = definition === undefined ? undefined : pastOf(definition);
  const records: LogRecord[] = [];
  const watchers = new Set<() => void>();
  const stop = new AbortController();
  const { signal } = stop;

  const tell = (): void => { for (const changed of watchers) changed(); };
  /** Told of when it is folded; a long log, which takes a while, is listed before. */
  const take = (news: readonly LogRecord[]): void => {
    const next = news.filter(({ seq }) => seq > records.length);
    if (next.length === 0) return;
    records.push(...next);
    if (past === undefined) tell();
    else past.append(next).then(tell, onError);
  };
  const catchUp = async (): Promise<void> => { take((await log.read(actor, records.length + 1)).records); };

  /** From now on, through outages of the broker; what was missed meanwhile is read. */
  async function follow(): Promise<void> {
    while (!signal.aborted) {
      try {
        const coming = log.follow({ actor, signal });
        await catchUp();
        for await (const record of coming) {
          if (record.seq > records.length + 1) await catchUp();
          take([record]);
        }
      } catch (error) {
        if (!(error instanceof RetryableError)) throw error;
        await linkUp(signal);
      }
    }
  }
  let first: Promise<void> | undefined;
  /** The whole log, then what comes. An actor that is not there may be the next time. */
  const begin = (): Promise<void> => first ??= catchUp().then(() => {
    if (records.length === 0) throw new TerminalError('no_such_actor', `there is no ${actor}`, { hint: 'it may be of another broker, or not have been created yet' });
    follow().catch(onError);
  }).catch((error: unknown) => {
    first = undefined;
    throw error;
  });

  const isFolded = (): boolean => past?.length === records.length;

  const changing = (since: number): Omit<ActorPush, 'records'> => {
    const notDrawn = past === undefined ? unknownMachine(actor) : past.broken;
    const now = isFolded() || notDrawn !== undefined ? past?.now() : undefined;
    return {
      actor, length: records.length, ...(notDrawn === undefined ? {} : { notDrawn }), ...(now === undefined ? {} : { now }),
      requests: past?.requests() ?? [],
      passed: past?.passed(since) ?? {},
      children: past?.children(since) ?? {},
    };
  };

  return {
    actor, past,
    async face() {
      await begin();
      const [created] = records as [LogRecord, ...LogRecord[]];
      const parent = (created.data.parent as { actor?: string } | undefined)?.actor;
      const { machine } = records.at(-1) ?? created;
      return { ...changing(0), machine, createdAt: created.at, ...(parent === undefined ? {} : { parent }) };
    },
    records: (from, to) => records.slice(Math.max(0, from - 1), to).map(shownRecord),
    watch(changed) {
      const present = () => ({ length: records.length, folded: past?.length ?? 0, broken: past?.broken });
      let told = present();
      watchers.add(changed);
      return {
        take() {
          const before = told;
          told = present();
          if (told.length === before.length && told.folded === before.folded && told.broken === before.broken) return undefined;
          return { ...changing(before.folded), records: records.slice(Math.max(before.length, told.length - atOnce)).map(shownRecord) };
        },
        leave: () => { watchers.delete(changed); },
      };
    },
    close: () => { stop.abort(); },
  };
}

const unknownMachine = (actor: string): ActorFace['notDrawn'] =>
  ({ code: 'unknown_type', message: `the machine of ${actor} is not known to this console`, hint: 'start the console with --machines and the module that defines it' });

export function shownRecord(record: LogRecord): ShownRecord {
  const { seq, at, type, cause, by, data, chain, traceparent } = record;
  const effect = /^(\d+):\d+$/.exec(typeof data.effect === 'string' ? data.effect : cause)?.[1];
  return {
    seq, at, type, cause: shownText(cause), ...(by === undefined ? {} : { by: shownText(by) }), data: shown(data), chain, ...(traceparent === undefined ? {} : { traceparent }),
    sentence: shownText(sentenceOf(record)), mood: moodOf(record), ...(effect === undefined ? {} : { from: Number(effect) }),
  };
}
