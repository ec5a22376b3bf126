import type { Command } from 'commander';
import { addRunCancel } from './run-cancel.ts';
import { addRunStatus } from './run-status.ts';
import { addRunTrigger } from './run-trigger.ts';

/** `run trigger`, `status` and `cancel`: one build at a runner. */
export function addRun(program: Command): void {
  const run = program.command('run').description('one build at a runner: start it, ask about it, cancel it');
  for (const add of [addRunTrigger, addRunStatus, addRunCancel]) add(run);
}
