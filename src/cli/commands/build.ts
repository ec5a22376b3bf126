import type { Command } from 'commander';
import type { Millrace } from '../../connect.ts';
import type { ActorName } from '../../kernel/record.ts';
import { followActor, type Ending } from '../follow.ts';
import { globalsOf, withMillrace, type Globals } from '../globals.ts';
import { untilInterrupted } from '../interrupt.ts';
import { definitionFor } from '../machines.ts';
import { jsonLine, line } from '../print.ts';
import { progressOn } from '../progress.ts';
import { triggerBuild, type BuildWish } from '../stage-and-trigger.ts';
import { tellEnding } from '../tell-ending.ts';
import { tellAnswer } from './send.ts';

interface BuildOptions extends BuildWish {
  readonly detach: boolean;
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
        if (options.detach && answer.accepted && globals.output === 'json') return jsonLine({ actor, status: 'running', output: null });
        if (options.detach || !answer.accepted) {
          tellAnswer(globals, actor, 'trigger', answer);
          if (answer.accepted) line(`  see it with millrace logs -f ${actor}, end it with millrace cancel ${actor}`);
          return;
        }
        tellEnding(globals, await followBuild(globals, millrace, actor, untilInterrupted()));
      });
    });
}

export async function followBuild(globals: Globals, millrace: Millrace, actor: ActorName, interrupted: AbortSignal): Promise<Ending> {
  return followActor(millrace, await definitionFor(globals, actor), actor, progressOn(globals), interrupted);
}
