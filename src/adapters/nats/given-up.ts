import type { GivenUpRun } from '../../machines/run/ports.ts';
import type { DeadLetters } from '../../runtime/ports/dead.ts';
import type { Names } from './names.ts';

const hints: Readonly<Record<GivenUpRun['code'], string>> = {
  runner_unreachable: 'the run has ended; trigger another one, under a new id, once the runner answers',
  trigger_failed: 'the runner may have the build all the same: look there; then trigger another run, under a new id',
  cancel_unconfirmed: 'the build may still run: look at the runner, and end it there',
};

/** A build that was given up becomes a dead letter: its trigger command, why, and what to do. One a run. */
export const givenUpLetters = (dead: DeadLetters, names: Pick<Names, 'command'>) =>
  async ({ actor, buildId, request, code, reason, at }: GivenUpRun): Promise<void> => {
    const [type = '', actorId = ''] = actor.split('/');
    await dead.put({
      id: `${actor}/gave-up`, type, actorId, subject: names.command(actor, 'trigger'), commandId: `${actor}#gave-up`, code, reason: buildId === null ? reason : `${reason} (build ${buildId})`,
      // Not its first: what is put again after a crash is then the same letter, however long ago that was.
      hint: hints[code], deliveries: 2, at, headers: {}, body: new TextEncoder().encode(JSON.stringify(request)),
    });
  };
