import type { Command } from 'commander';
import { inspectionHub } from '../../adapters/inspector/hub.ts';
import { replayer } from '../../adapters/inspector/replay.ts';
import { inspectorServer, type InspectorOptions } from '../../adapters/inspector/server.ts';
import type { Millrace } from '../../connect.ts';
import { RetryableError, TerminalError } from '../../kernel/errors.ts';
import { parseActor } from '../../kernel/names.ts';
import type { ActorName } from '../../kernel/record.ts';
import { inspection, type Inspection } from '../../projections/chart/inspection.ts';
import { readOnlyMachines } from '../../read-only-machines.ts';
import { globalsOf, withMillrace, type Globals } from '../globals.ts';
import { aborted, untilInterrupted } from '../interrupt.ts';
import { loadMachines } from '../machines.ts';
import { aside, jsonLine, line } from '../print.ts';

interface Options {
  readonly replay?: true;
  readonly speed?: string;
  readonly port: string;
}

export function addInspect(program: Command): void {
  program
    .command('inspect [actor]')
    .description('feed the Stately inspector, until interrupted: one actor or all, live or a recorded log')
    .option('--replay', 'tell the recorded log of the actor from its beginning, to each listener that comes')
    .option('--speed <times>', 'of a replay: 1 is as it was, 10 ten times as fast; pauses are 3 s at most (default: 1)')
    .option('--port <port>', 'of this machine, 0 for any free one', '8080')
    .action(async (name: string | undefined, options: Options, self: Command) => {
      const globals = globalsOf(self);
      const port = portOf(options.port);
      const speed = speedOf(options);
      const actor = name === undefined ? undefined : parseActor(name).actor;
      if (options.replay && actor === undefined) throw new TerminalError('bad_option', '--replay tells the log of one actor', { hint: 'name it; see `millrace ls`' });
      const seen = inspection([...readOnlyMachines(), ...(await loadMachines(globals))], (skipped, why) => aside(`${skipped} is not shown: ${why}`));
      const interrupted = untilInterrupted();
      await withMillrace(globals, async (millrace) => {
        if (actor !== undefined && options.replay) return replay(globals, millrace, { actor, seen, speed, port, interrupted });
        // A mistyped name would look like an actor that does nothing.
        if (actor !== undefined) await millrace.history(actor);
        return live(globals, millrace, { actor, seen, port, interrupted });
      });
    });
}

interface Wish {
  readonly seen: Inspection;
  readonly port: number;
  readonly interrupted: AbortSignal;
}

async function replay(globals: Globals, millrace: Millrace, { actor, seen, speed, port, interrupted }: Wish & { readonly actor: ActorName; readonly speed: number }): Promise<void> {
  const records = await millrace.history(actor);
  const messages = records.flatMap((record) => seen.add(record));
  if (messages.length === 0) throw new TerminalError('unknown_type', `${actor} cannot be shown: its machine is not known here`, { hint: 'give the module that defines it with --machines' });
  await serve(globals, { port, feed: replayer(messages, { speed }) }, async () => aborted(interrupted));
}

async function live(globals: Globals, millrace: Millrace, { actor, seen, port, interrupted }: Wish & { readonly actor: ActorName | undefined }): Promise<void> {
  const hub = inspectionHub({ keep: actor === undefined ? 2 : 200 });
  await serve(globals, { port, feed: hub.feed }, async () => {
    const of = actor === undefined ? {} : { actor };
    const known = new Map<ActorName, number>();
    while (!interrupted.aborted) {
      try {
        for await (const record of millrace.log.follow({ ...of, fromStart: true, signal: interrupted })) {
          // After the broker was away, the log is read from its beginning again.
          if (record.seq <= (known.get(record.actor) ?? 0)) continue;
          known.set(record.actor, record.seq);
          for (const message of seen.add(record)) hub.publish(message);
        }
      } catch (error) {
        if (!(error instanceof RetryableError)) throw error;
        await Promise.race([aborted(interrupted), new Promise((resolve) => { setTimeout(resolve, 250); })]);
      }
    }
  });
}

/** Serve while the work goes on; the address is told first. */
async function serve(globals: Globals, options: InspectorOptions, work: () => Promise<void>): Promise<void> {
  const server = await inspectorServer({ ...options, onError: (error) => aside(`a listener was lost: ${error instanceof Error ? error.message : String(error)}`) });
  try {
    const socket = server.url.replace('http:', 'ws:');
    if (globals.output === 'json') jsonLine({ url: server.url, socket });
    else {
      line(`inspector on ${server.url}: Stately's own page, or ours where stately.ai cannot be reached; receivers of @statelyai/inspect listen on ${socket}`);
      line('running until interrupted');
    }
    await work();
  } finally {
    await server.close();
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new TerminalError('bad_option', `"${text}" is no port`, { hint: 'give a number from 0 to 65535' });
  return port;
}

function speedOf({ replay: isReplay, speed }: Options): number {
  if (speed === undefined) return 1;
  if (!isReplay) throw new TerminalError('bad_option', '--speed is of a replay', { hint: 'add --replay; what happens now has its own speed' });
  const times = Number(speed);
  if (!Number.isFinite(times) || times <= 0) throw new TerminalError('bad_option', `"${speed}" is no speed`, { hint: 'give a number greater than 0, such as 10 or 0.5' });
  return times;
}
