import type { Millrace } from '../../connect.ts';
import { parseActor } from '../../kernel/names.ts';
import type { ActorName } from '../../kernel/record.ts';
import type { OutputLine } from '../../runtime/ports/output.ts';
import type { OutputPush } from '../protocol.ts';
import { shownText } from '../shown.ts';
import type { Watch } from './watch.ts';

/** What an actor printed, read once for all who watch it. */
export interface OutputFeed {
  /** `changed` is called when there are lines to take. */
  watch(actor: ActorName, changed: () => void, failed: (error: unknown) => void): Watch<OutputPush>;
  close(): void;
}

/** Lines kept of each actor that is watched; and how many go at once. */
const kept = 5_000;
const atOnce = 500;

interface Printed {
  readonly lines: OutputLine[];
  /** Lines before the first of `lines`. */
  dropped: number;
  readonly watchers: Map<() => void, (error: unknown) => void>;
  readonly stop: AbortController;
  /** Whose output it is, when that is not its own. */
  printsTo?: ActorName;
}

export function outputFeed({ log, output }: Pick<Millrace, 'log' | 'output'>): OutputFeed {
  const printed = new Map<ActorName, Printed>();

  /** What a run of a build prints goes to the build, as it was begun to. */
  async function whose(actor: ActorName): Promise<ActorName> {
    for await (const { data } of log.readAll({ actor })) {
      const { metadata } = (data.input ?? {}) as { readonly metadata?: { readonly outputActor?: unknown } };
      return typeof metadata?.outputActor === 'string' ? parseActor(metadata.outputActor).actor : actor;
    }
    return actor;
  }

  async function read(actor: ActorName, one: Printed, drop: (count: number) => void): Promise<void> {
    const { lines, watchers, stop } = one;
    const from = await whose(actor);
    if (from !== actor) one.printsTo = from;
    for await (const { at, source, text } of output.read(from, { follow: true, signal: stop.signal })) {
      lines.push({ at, source, text: shownText(text) });
      if (lines.length > 1.2 * kept) drop(lines.splice(0, lines.length - kept).length);
      for (const changed of watchers.keys()) changed();
    }
  }

  function open(actor: ActorName): Printed {
    const one: Printed = { lines: [], dropped: 0, watchers: new Map(), stop: new AbortController() };
    printed.set(actor, one);
    read(actor, one, (count) => { one.dropped += count; }).catch((error: unknown) => {
      printed.delete(actor);
      for (const failed of one.watchers.values()) failed(error);
    });
    return one;
  }

  return {
    watch(actor, changed, failed) {
      const one = printed.get(actor) ?? open(actor);
      one.watchers.set(changed, failed);
      /** Lines taken or passed over, of all that were ever read. */
      let at = -1;
      if (one.lines.length > 0) changed();
      return {
        take() {
          const isBehind = at < one.dropped;
          const begin = Math.max(one.dropped, isBehind ? one.dropped + one.lines.length - kept : at);
          const lines = one.lines.slice(begin - one.dropped, begin - one.dropped + atOnce);
          if (lines.length === 0) return undefined;
          at = begin + lines.length;
          if (at < one.dropped + one.lines.length) changed();
          return { actor, ...(one.printsTo === undefined ? {} : { printsTo: one.printsTo }), ...(isBehind ? { fresh: { dropped: begin } } : {}), lines };
        },
        leave() {
          one.watchers.delete(changed);
          if (one.watchers.size > 0) return;
          one.stop.abort();
          if (printed.get(actor) === one) printed.delete(actor);
        },
      };
    },
    close() { for (const { stop } of printed.values()) stop.abort(); },
  };
}
