import { setTimeout as delay } from 'node:timers/promises';
import { DeliverPolicy, type JsMsg } from '@nats-io/jetstream';
import type { ActorName } from '../../kernel/record.ts';
import { redact } from '../../kernel/redact.ts';
import type { BuildOutput, OutputLine } from '../../runtime/ports/output.ts';
import type { Broker } from './broker.ts';
import { toMillraceError } from './errors.ts';
import { cutLine } from './line.ts';
import { missingNote } from './output-bounds.ts';
import { readStored } from './pages.ts';
import { store } from './publish.ts';
import { header, oneLine } from './queue/wire.ts';

/** Headers of a line. The body is its text, so that `nats sub <prefix>.output.build.b42` reads well. */
const line = { id: 'Millrace-Line-Id', at: 'Millrace-Line-At', source: 'Millrace-Line-Source' } as const;

type Headers = { get(name: string): string } | undefined;

/** Build output in a bounded stream: the oldest lines go first, and a first line of the source `millrace` says so. The server knows a line's id for two minutes. */
export function natsOutput(broker: Broker): BuildOutput {
  const { names, js, jsm } = broker;
  const stream = names.streams.output;

  return {
    async write(actor, { at, source, text }, id) {
      await store(broker, names.output(actor), cutLine(redact(text)), {
        [header.messageId]: oneLine(`${actor} ${id}`), [line.id]: oneLine(id), [line.at]: new Date(at).toISOString(), [line.source]: oneLine(source),
      });
    },
    async last(actor) {
      try {
        const found = await jsm.streams.getMessage(stream, { last_by_subj: names.output(actor) });
        return found?.header.get(line.id);
      } catch (cause) {
        throw toMillraceError(cause, `read the output of ${actor}`);
      }
    },
    async *read(actor, { follow, signal }) {
      let seen = 0;
      const missing = await missingNote(broker, actor).catch((cause: unknown) => { throw toMillraceError(cause, `read the output of ${actor}`); });
      for await (const message of readStored(broker, stream, names.output(actor))) {
        if (signal.aborted) return;
        const line = decode(message.header, message.data);
        if (seen === 0 && missing !== undefined) yield said(missing, line.at);
        seen = message.seq;
        yield line;
      }
      if (seen === 0 && missing !== undefined) yield said(missing, Date.now());
      if (follow && !signal.aborted) yield* coming(actor, seen + 1, signal);
    },
  };

  /** Through restarts of the server: it goes on after the line it gave last. */
  async function* coming(actor: ActorName, start: number, signal: AbortSignal): AsyncGenerator<OutputLine, void> {
    for (let next = start; !signal.aborted;) {
      try {
        for await (const message of consumed(actor, next, signal)) {
          next = message.seq + 1;
          yield decode(message.headers, message.data);
        }
        return;
      } catch (cause) {
        const error = toMillraceError(cause, `follow the output of ${actor}`);
        if (error.code !== 'broker_gone' || broker.nc.isClosed()) throw error;
        await delay(250);
      }
    }
  }

  async function* consumed(actor: ActorName, start: number, signal: AbortSignal): AsyncGenerator<JsMsg, void> {
    const consumer = await js.consumers.get(stream, {
      filter_subjects: names.output(actor), deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: start, inactive_threshold: 60_000,
    });
    // A short expiry: after a restart of the server the client looks for its consumer only that often.
    const messages = await consumer.consume({ max_messages: 512, expires: 2000 });
    const stop = (): void => { void messages.close(); };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      for await (const message of messages) {
        if (signal.aborted) return;
        yield message;
      }
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
      consumer.delete().catch(() => undefined);
    }
  }
}

const said = (text: string, at: number): OutputLine => ({ at, source: 'millrace', text });

function decode(headers: Headers, data: Uint8Array): OutputLine {
  return { at: Date.parse(headers?.get(line.at) ?? ''), source: headers?.get(line.source) ?? '', text: new TextDecoder().decode(data) };
}
