import type { Command } from 'commander';
import { TerminalError } from '../../kernel/errors.ts';
import { standardMachines } from '../../standard.ts';
import { globalsOf, open } from '../globals.ts';
import { aborted, untilInterrupted } from '../interrupt.ts';
import { workerLogger } from '../logger.ts';
import { loadMachines } from '../machines.ts';
import { jsonLine, line } from '../print.ts';

export function addWorker(program: Command): void {
  program
    .command('worker')
    .description('run actors: builds, runs, and the machines of --machines')
    .option('--concurrency <n>', 'how many activities may run at once; no limit when not given')
    .action(async (options: { concurrency?: string }, self: Command) => {
      const globals = globalsOf(self);
      const concurrency = concurrencyOf(options.concurrency);
      const interrupted = untilInterrupted();
      const own = await loadMachines(globals);
      const logger = workerLogger();
      const millrace = await open(globals, { logger, ...tuning() });
      const standard = standardMachines({ millrace, dataDir: globals.data, logger });
      try {
        const machines = [...standard.machines, ...own];
        const worker = await millrace.worker({ machines, concurrency });
        const names = machines.map((machine) => machine.stamp.name);
        if (globals.output === 'json') jsonLine({ machines: names, server: millrace.broker.nc.getServer(), pid: process.pid });
        else line(`worker ${process.pid} carries ${names.join(', ')} on ${millrace.broker.nc.getServer()}`);
        await aborted(interrupted);
        await worker.stop();
      } finally {
        standard.close();
        await millrace.close();
      }
    });
}

function concurrencyOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new TerminalError('bad_option', `"${text}" is not a number of activities`, { hint: 'give a whole number from 1' });
  return count;
}

/** How soon a dead worker's commands come back: MILLRACE_ACK_WAIT_MS and MILLRACE_PIN_TIMEOUT_MS, for tests and for impatient set-ups. */
function tuning(): { ackWaitMs?: number; priorityTimeoutMs?: number } {
  const ackWaitMs = milliseconds('MILLRACE_ACK_WAIT_MS');
  const priorityTimeoutMs = milliseconds('MILLRACE_PIN_TIMEOUT_MS');
  return { ...(ackWaitMs === undefined ? {} : { ackWaitMs }), ...(priorityTimeoutMs === undefined ? {} : { priorityTimeoutMs }) };
}

function milliseconds(variable: string): number | undefined {
  const text = process.env[variable] ?? '';
  if (text === '') return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new TerminalError('bad_option', `${variable} is "${text}", which is not a number of milliseconds`, { hint: 'give a number above 0' });
  return value;
}
