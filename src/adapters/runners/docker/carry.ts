import { RetryableError } from '../../../kernel/errors.ts';
import type { ActorName } from '../../../kernel/record.ts';
import { replaceFile } from '../process/files.ts';
import { ask } from './engine.ts';
import { framesOf, sinceOf, type Frame } from './frames.ts';
import type { Place } from './place.ts';
import type { DockerTools } from './tools.ts';
import { beginning, cutId, isAfter, isSame, lineId, resumeAt, type Moment, type Position } from './position.ts';

/** Carries a container's log to whoever reads it, one line after the other. */
export interface Carrier {
  /** Follow it, if nobody does; a stream that broke off is taken up again by the next call. */
  follow(): void;
  /** Everything that is left of an ended container. @throws what `BuildOutput` throws, RetryableError when the engine is away. */
  drain(): Promise<void>;
  close(): void;
}

const noteEveryMs = 500;

/** `hide`: what is not to be shown of a line. */
export function carrier({ docker, output, maxOutputBytes: maxBytes }: Pick<DockerTools, 'docker' | 'output' | 'maxOutputBytes'>, folder: Place, actor: ActorName, hide: (text: string) => Promise<string>): Carrier {
  let position: Position | undefined;
  let following: Promise<void> | undefined;
  let abort = new AbortController();
  let notedAt = 0;

  const note = async (always: boolean): Promise<void> => {
    if (position === undefined || position === beginning || (!always && performance.now() - notedAt < noteEveryMs)) return;
    notedAt = performance.now();
    await replaceFile(folder.published, JSON.stringify(position));
  };

  const publish = async (frame: Frame, at: Position): Promise<Position> => {
    const bytes = at.bytes + Buffer.byteLength(frame.text) + 1;
    const cut = bytes > maxBytes;
    const id = cut ? cutId(folder) : lineId(folder, at);
    const line = cut ? { source: 'millrace', text: `output cut after ${maxBytes} bytes` } : { source: frame.source, text: await hide(frame.text) };
    await output.write(actor, { at: Date.parse(frame.time), ...line }, id);
    return { ...at, bytes, cut };
  };

  const pass = async (signal: AbortSignal): Promise<void> => {
    let here = (position ??= await resumeAt(folder, actor, output));
    if (here.cut) return;
    const since = here.time === '' ? {} : { since: sinceOf(here.time) as unknown as number };
    const opened = await ask('read a log', () => docker.getContainer(folder.container).logs({ follow: true, stdout: true, stderr: true, timestamps: true, abortSignal: signal, ...since }));
    if (!opened.ok) return;
    const known = here;
    let isNew = known.time === '';
    let seen: Moment = { time: '', index: -1 };
    try {
      for await (const frame of framesOf(opened.value as unknown as AsyncIterable<Buffer>)) {
        seen = { time: frame.time, index: frame.time === seen.time ? seen.index + 1 : 0 };
        // The engine stamps stdout and stderr each by itself and may write them down the other way round, some
        // microseconds apart: once past what was known, every entry is new, whatever its time.
        if (!isNew && !isAfter(seen, known)) {
          isNew = isSame(seen, known);
          continue;
        }
        isNew = true;
        const published = await publish(frame, { ...here, ...seen });
        here = position = isAfter(here, seen) ? { ...published, time: here.time, index: here.index } : published;
        if (here.cut || signal.aborted) break;
        await note(false);
      }
    } finally {
      await note(true);
    }
  };

  const stop = async (): Promise<void> => {
    abort.abort();
    await following;
    abort = new AbortController();
  };

  return {
    follow() {
      // What went wrong is met again at the end of the build, which insists.
      following ??= pass(abort.signal).catch(() => undefined).finally(() => { following = undefined; });
    },
    async drain() {
      await stop();
      try {
        await pass(abort.signal);
      } catch (error) {
        // A stream that breaks off in the middle is an engine that went away.
        if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
        throw new RetryableError('engine_unavailable', 'The Docker engine went away in the middle of a log.', { hint: 'It is read on when the engine is back.', cause: error });
      }
    },
    close: () => abort.abort(),
  };
}
