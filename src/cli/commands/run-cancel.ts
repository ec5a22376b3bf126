import type { Command } from 'commander';
import { globalsOf, whoAsks, withMillrace } from '../globals.ts';
import { runActor } from '../run-actor.ts';
import { followRun } from '../run-follow.ts';
import { seconds, tellAnswer } from './send.ts';

interface CancelOptions {
  readonly reason?: string;
  readonly timeout: string;
  readonly follow: boolean;
}

export function addRunCancel(run: Command): void {
  run
    .command('cancel <run>')
    .description('cancel a build and wait for the verdict; exit 3 when refused')
    .option('--reason <text>', 'why, for the record')
    .option('--timeout <seconds>', 'how long to wait for the verdict', '10')
    .option('-f, --follow', 'wait until it has ended too; exit 0 only when it ended cancelled', false)
    .action(async (name: string, { reason, timeout, follow }: CancelOptions, self: Command) => {
      const globals = globalsOf(self);
      const actor = runActor(name);
      const timeoutMs = seconds(timeout) * 1000;
      await withMillrace(globals, async (millrace) => {
        const answer = await millrace.send(actor, 'cancel', reason === undefined ? {} : { reason }, { by: whoAsks(), timeoutMs });
        if (!follow || !answer.accepted) return tellAnswer(globals, actor, 'cancel', answer);
        await followRun(globals, millrace, actor, answer, (status) => status === 'cancelled');
      });
    });
}
