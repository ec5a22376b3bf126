import type { Command } from 'commander';
import type { Millrace } from '../../connect.ts';
import type { Definition } from '../../kernel/definition.ts';
import { RetryableError } from '../../kernel/errors.ts';
import type { ActorName } from '../../kernel/record.ts';
import { statePaths } from '../../kernel/state-text.ts';
import { runEndingLines, runView, type RunView } from '../../projections/run.ts';
import { durationText } from '../duration.ts';
import { globalsOf, whoAsks, withMillrace, type Globals } from '../globals.ts';
import { definitionFor } from '../machines.ts';
import { fit, jsonLine, line, time } from '../print.ts';
import { runActor } from '../run-actor.ts';
import { seconds, tellAnswer } from './send.ts';

interface StatusOptions {
  readonly ask: boolean;
  readonly timeout: string;
}

export function addRunStatus(run: Command): void {
  run
    .command('status <run>')
    .description('what is known of a build at a runner')
    .option('--ask', 'ask the runner first', false)
    .option('--timeout <seconds>', 'how long to wait for the runner, with --ask', '30')
    .action(async (name: string, options: StatusOptions, self: Command) => {
      const globals = globalsOf(self);
      const actor = runActor(name);
      const timeoutMs = seconds(options.timeout) * 1000;
      const definition = await definitionFor(globals, actor);
      await withMillrace(globals, async (millrace) => {
        if (options.ask && !(await asked(globals, millrace, definition, actor, timeoutMs))) return;
        const view = runView(await millrace.state(definition, actor), await millrace.history(actor));
        if (globals.output === 'json') jsonLine(asJson(view));
        else tell(view);
      });
    });
}

/** Have the runner asked now, and wait for its answer. False when the run would not: that was told. A run that has ended has nobody to ask. */
async function asked(globals: Globals, millrace: Millrace, definition: Definition, actor: ActorName, timeoutMs: number): Promise<boolean> {
  const answer = await millrace.send(actor, 'signal', {}, { by: whoAsks(), timeoutMs });
  if (!answer.accepted && answer.code === 'actor_ended') return true;
  if (!answer.accepted) {
    tellAnswer(globals, actor, 'signal', answer);
    return false;
  }
  for await (const { seq, type } of millrace.log.follow({ actor, fromStart: true, signal: AbortSignal.timeout(timeoutMs) })) {
    if (seq > answer.seq && type.startsWith('activity.')) return true;
  }
  throw new RetryableError('no_answer', `the runner has not answered within ${timeoutMs} ms`, { hint: 'it will be asked all the same: see what is known without --ask, or wait longer with --timeout' });
}

const asJson = ({ deadline, lastFailure, ...view }: RunView): object => ({
  ...view,
  deadline: deadline === null ? null : time(deadline),
  lastFailure: lastFailure === null ? null : { ...lastFailure, at: time(lastFailure.at) },
});

function tell(view: RunView): void {
  const { actor, status, value, seq, runner, buildId, runnerStatus, url, deadline, failures, lastFailure, unwanted, promised, leftMs, metadata, ended } = view;
  line(`${actor}  ${status}, after record ${seq}`);
  line(`state     ${statePaths(value).join(' ')}`);
  line(`runner    ${runner}${buildId === null ? ', has no build yet' : `, build ${buildId}${ended === null ? `, says ${runnerStatus}` : ''}`}`);
  if (url !== null) line(`see       ${url}`);
  if (deadline !== null) line(`deadline  ${time(deadline)}, in ${durationText(deadline - Date.now())}`);
  if (leftMs !== null) line(`deadline  rests; ${durationText(leftMs)} are left once it is started`);
  if (promised !== null && ended === null) line(`failing   it promised to fail with exit status ${JSON.stringify(promised.exitStatus)}`);
  if (unwanted !== null && ended === null) line(`unwanted  ${unwanted}`);
  if (failures > 0) line(`trouble   ${failures} calls in a row`);
  if (lastFailure !== null) line(fit(`trouble   ${lastFailure.call} at ${time(lastFailure.at)}: ${lastFailure.message} [${lastFailure.code}]`));
  for (const [key, held] of Object.entries(metadata)) line(fit(`metadata  ${key}=${held}`));
  if (ended !== null) for (const text of runEndingLines(actor, status, ended)) line(text);
}
