import { MillraceError, TerminalError } from '../../kernel/errors.ts';
import type { ActorName } from '../../kernel/record.ts';
import type { Step } from '../saga/step.ts';
import type { BuildPorts, Entities } from './ports.ts';
import { kinds } from './values.ts';

const idOf = (build: ActorName): string => build.slice(build.indexOf('/') + 1);

/** Has an undo of this build begun? Then it never goes forward again. */
const isTakenBack = async (entities: Entities, build: ActorName): Promise<boolean> =>
  await entities.get(kinds.takenBack, idOf(build)) !== undefined;

/** The mark stays, as the build's log does: a build that was taken back is so for ever. */
async function markTakenBack(entities: Entities, build: ActorName): Promise<void> {
  if (await isTakenBack(entities, build)) return;
  await entities.create(kinds.takenBack, idOf(build), { build }).catch((error: unknown) => {
    if (!(error instanceof MillraceError) || error.code !== 'entity_exists') throw error;
  });
}

/** @throws TerminalError `taken_back`. */
export async function refuseLate(entities: Entities, build: ActorName): Promise<void> {
  if (await isTakenBack(entities, build)) throw tooLate(build);
}

const tooLate = (build: ActorName): TerminalError =>
  new TerminalError('taken_back', `${build} was taken back while this worker was still at it.`, { hint: 'Nothing is left to do: another worker undoes it, or has done so.' });

/**
 * A worker that was cut off does not hear that its build was cancelled, and may come to the end of a step
 * long after the undo of it. So an undo leaves a mark before it begins, and a run looks for it before it
 * begins and when it has ended: what it did too late it takes back itself.
 */
export function neverLate(ports: BuildPorts, step: Step): Step {
  if (!('run' in step) || step.undo === undefined) return step;
  const { run, undo } = step;
  return {
    ...step,
    async run(scope) {
      await refuseLate(ports.entities, scope.actor);
      // A run that failed may have done half of it.
      const [outcome] = await Promise.allSettled([run(scope)]);
      if (await isTakenBack(ports.entities, scope.actor)) {
        await undo({ ...scope, output: undefined });
        throw tooLate(scope.actor);
      }
      if (outcome.status === 'rejected') throw outcome.reason;
      return outcome.value;
    },
    async undo(scope) {
      await markTakenBack(ports.entities, scope.actor);
      await undo(scope);
    },
  };
}

/** The build's folder with its source, made again when this machine does not have it. A build that was taken back gets none. */
export async function unpacked({ entities, workspaces }: BuildPorts, build: ActorName, source: string): Promise<string> {
  const dir = await workspaces.ensure(build, source);
  if (!await isTakenBack(entities, build)) return dir;
  await workspaces.remove(build);
  throw tooLate(build);
}
