import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import type { Millrace } from '../../connect.ts';
import { TerminalError } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { requireToken } from '../../kernel/names.ts';
import { changeOf } from '../changes.ts';
import { milliseconds } from '../duration.ts';
import { globalsOf, whoAsks, withMillrace } from '../globals.ts';
import { jsonLine, line } from '../print.ts';
import { runActor } from '../run-actor.ts';
import { followRun } from '../run-follow.ts';
import { tellAnswer } from './send.ts';

interface TriggerOptions {
  readonly runner: string;
  readonly base: readonly string[];
  readonly head: readonly string[];
  readonly id?: string;
  readonly meta: readonly string[];
  readonly deadline?: string;
  readonly cancelGrace?: string;
  readonly startGrace?: string;
  readonly pollAccepted?: string;
  readonly pollRunning?: string;
  readonly detach: boolean;
}

const several = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export function addRunTrigger(run: Command): void {
  run
    .command('trigger')
    .description('start a build at a runner and follow it; exit 0 only when it succeeded')
    .requiredOption('--runner <name>', 'where it is built')
    .option('--base <change>', 'assumed good, applied first: a URI, a folder or an archive; may be given again', several, [])
    .option('--head <change>', 'what is being verified, likewise', several, [])
    .option('--id <id>', 'the run: the same id is the same run; a fresh one when not given')
    .option('--meta <key=value>', 'handed to the runner and back; may be given again', several, [])
    .option('--deadline <duration>', 'cancelled when it has not ended by then, such as 30m; time in which it is stopped does not count; 1h when not given')
    .option('--cancel-grace <duration>', 'how long a cancelled build may take to stop; 5m when not given')
    .option('--start-grace <duration>', 'how long a build that was started again may still stand still; 30s when not given')
    .option('--poll-accepted <duration>', 'how often a build that has not begun is asked about; by the runner when not given')
    .option('--poll-running <duration>', 'how often a build that runs is asked about, likewise')
    .option('--detach', 'do not wait for the end', false)
    .action(async (options: TriggerOptions, self: Command) => {
      const globals = globalsOf(self);
      const actor = runActor(options.id ?? `${options.runner}-${randomBytes(4).toString('hex')}`);
      const timings = timingsOf(options);
      const metadata = metadataOf(options.meta);
      requireToken(options.runner, 'bad_option', '--runner');
      if (options.head.length === 0) throw new TerminalError('bad_option', 'there is nothing to verify: no --head was given', { hint: 'name what is to be built, such as --head . or --head git:4f2a' });
      await withMillrace(globals, async (millrace) => {
        const input = { runner: options.runner, base: await changes(millrace, options.base), head: await changes(millrace, options.head), metadata, ...timings };
        const answer = await millrace.send(actor, 'trigger', input, { by: whoAsks(), timeoutMs: 30_000 });
        if (!answer.accepted) return tellAnswer(globals, actor, 'trigger', answer);
        if (!options.detach) return followRun(globals, millrace, actor, answer, (status) => status === 'completed');
        if (globals.output === 'json') return jsonLine({ ...answer, actor });
        tellAnswer(globals, actor, 'trigger', answer);
        line(`  see it with millrace run status ${actor}, end it with millrace run cancel ${actor}`);
      });
    });
}

const changes = (millrace: Millrace, texts: readonly string[]): Promise<{ uri: string }[]> => Promise.all(texts.map((text) => changeOf(millrace, text)));

function timingsOf({ deadline, cancelGrace, startGrace, pollAccepted, pollRunning }: TriggerOptions): JsonObject {
  const given = (name: string, text: string | undefined, option: string): JsonObject => (text === undefined ? {} : { [name]: milliseconds(text, option) });
  return {
    ...given('deadlineMs', deadline, '--deadline'), ...given('cancelGraceMs', cancelGrace, '--cancel-grace'), ...given('startGraceMs', startGrace, '--start-grace'),
    poll: { ...given('acceptedMs', pollAccepted, '--poll-accepted'), ...given('runningMs', pollRunning, '--poll-running') },
  };
}

function metadataOf(pairs: readonly string[]): JsonObject {
  return Object.fromEntries(pairs.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw new TerminalError('bad_option', `--meta is ${JSON.stringify(pair)}, which is no key and value`, { hint: 'write key=value; the value may be empty' });
    return [pair.slice(0, at), pair.slice(at + 1)];
  }));
}
