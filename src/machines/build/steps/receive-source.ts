import { z } from 'zod';
import { TerminalError } from '../../../kernel/errors.ts';
import { step, type Step } from '../../saga/step.ts';
import type { BuildPorts } from '../ports.ts';
import { tell } from '../scope.ts';
import { digest, token } from '../values.ts';

/** Unpacks the staged source into the build's own folder on this machine. */
export const receiveSource = (ports: BuildPorts): Step => step({
  name: 'receive-source',
  needs: z.object({ source: digest, runner: token.default('process') }),
  gives: z.object({
    /** Under this name the runner's lines go out. */
    buildActor: z.string(),
  }),
  async run(scope) {
    const { source, runner } = scope.input;
    if (!ports.runners.includes(runner)) {
      throw new TerminalError('unknown_runner', `There is no runner ${runner} here.`, { hint: `Choose one of: ${ports.runners.join(', ')}.` });
    }
    await ports.workspaces.ensure(scope.actor, source);
    await tell(ports, scope, 'done', `unpacked source ${source.slice(0, 12)}`);
    return { buildActor: scope.actor };
  },
  async undo(scope) {
    await ports.workspaces.remove(scope.actor);
    await tell(ports, scope, 'undone', 'removed the unpacked source');
  },
});
