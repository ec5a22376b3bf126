import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { stageSource } from '../../adapters/sources/stage.ts';
import { natsBlobs } from '../../adapters/nats/blobs.ts';
import type { Millrace } from '../../connect.ts';
import { actorName, requireToken } from '../../kernel/names.ts';
import type { ActorName } from '../../kernel/record.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { Answer } from '../../adapters/nats/ask.ts';
import { exitCodes } from '../exit.ts';
import { followActor, type Ending } from '../follow.ts';
import { globalsOf, untilInterrupted, whoAsks, withMillrace, type Globals } from '../globals.ts';
import { definitionFor } from '../machines.ts';
import { jsonLine, line } from '../print.ts';
import { progressOn } from '../progress.ts';
import { tellAnswer } from './send.ts';

interface BuildOptions {
  readonly app: string;
  readonly id?: string;
  readonly runner?: string;
  readonly detach: boolean;
  readonly label?: string;
}

export function addBuild(program: Command): void {
  program
    .command('build <source>')
    .description('stage a folder or archive, build it, follow; exit 0 only when completed')
    .requiredOption('--app <name>', 'the app it is a version of')
    .option('--id <id>', 'the build: the same id is the same build; a fresh one when not given')
    .option('--runner <name>', 'where it is built')
    .option('--label <label>', 'an ephemeral version under this label: never activated')
    .option('--detach', 'do not wait for the end', false)
    .action(async (source: string, options: BuildOptions, self: Command) => {
      const globals = globalsOf(self);
      await withMillrace(globals, async (millrace) => {
        const { actor, answer } = await triggerBuild(millrace, source, options);
        if (!answer.accepted || options.detach) return tellAnswer(globals, actor, 'trigger', answer);
        tellEnding(globals, await followBuild(globals, millrace, actor, untilInterrupted()), actor);
      });
    });
}

/** Stage the source, then ask for the build. Once this resolves, nothing on this machine is needed any more. */
export async function triggerBuild(millrace: Millrace, source: string, options: Pick<BuildOptions, 'app' | 'id' | 'runner' | 'label'>): Promise<{ actor: ActorName; answer: Answer }> {
  const { app, runner, label } = options;
  requireToken(app, 'bad_app_name', 'the app');
  const actor = actorName('build', options.id ?? `${app}-${randomBytes(4).toString('hex')}`);
  const { digest } = await stageSource(natsBlobs(millrace.broker), source);
  const input: JsonObject = { app, source: digest, ...(runner === undefined ? {} : { runner }), ...(label === undefined ? {} : { label }) };
  return { actor, answer: await millrace.send(actor, 'trigger', input, { by: whoAsks(), timeoutMs: 30_000 }) };
}

export async function followBuild(globals: Globals, millrace: Millrace, actor: ActorName, interrupted: AbortSignal): Promise<Ending | undefined> {
  return followActor(millrace, await definitionFor(globals, actor), actor, progressOn(globals), interrupted);
}

export function tellEnding(globals: Globals, ending: Ending | undefined, actor: ActorName): void {
  if (ending === undefined) {
    if (globals.output === 'text') line(`no longer following ${actor}; it goes on by itself`);
    process.exitCode = exitCodes.failed;
    return;
  }
  if (globals.output === 'json') jsonLine(ending);
  else line(`${actor} ${ending.status}`);
  if (ending.status !== 'completed') process.exitCode = exitCodes.failed;
}
