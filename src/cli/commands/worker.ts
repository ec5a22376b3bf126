import type { Command } from 'commander';
import { identitiesFrom } from '../../adapters/nats/identity/identities.ts';
import { TerminalError } from '../../kernel/errors.ts';
import { systemClock } from '../../runtime/clock.ts';
import { standardMachines } from '../../standard.ts';
import { keepCrew } from '../crew/crew.ts';
import { forkWorker, reportReady, withoutProcesses } from '../crew/process.ts';
import { globalsOf, open } from '../globals.ts';
import { aborted, untilInterrupted } from '../interrupt.ts';
import { workerLogger } from '../logger.ts';
import { loadMachines } from '../machines.ts';
import { jsonLine, line } from '../print.ts';

export function addWorker(program: Command): void {
  program
    .command('worker')
    .description('run actors: builds, runs, and the machines of --machines')
    .option('--concurrency <n>', 'how many activities may run at once in each process; no limit when not given')
    .option('--processes <n>', 'how many worker processes share the work on this machine, one a core say; each dead one is started anew', '1')
    .action(async (options: { concurrency?: string; processes: string }, self: Command) => {
      const globals = globalsOf(self);
      const concurrency = options.concurrency === undefined ? undefined : countOf(options.concurrency, 'activities');
      const size = countOf(options.processes, 'processes');
      const interrupted = untilInterrupted();
      if (size > 1) {
        const words = withoutProcesses(process.argv.slice(2));
        process.exitCode = await keepCrew({ size, start: () => forkWorker(words), clock: systemClock, logger: workerLogger() }, interrupted);
        return;
      }
      const own = await loadMachines(globals);
      const logger = workerLogger();
      const millrace = await open(globals, { logger, ...tuning() });
      const standard = standardMachines({ millrace, dataDir: globals.data, logger });
      try {
        const machines = [...standard.machines, ...own];
        const worker = await millrace.worker({ machines, concurrency, identities: identitiesFrom(process.env) });
        const names = machines.map((machine) => machine.stamp.name);
        if (globals.output === 'json') jsonLine({ machines: names, server: millrace.broker.nc.getServer(), pid: process.pid });
        else line(`worker ${process.pid} carries ${names.join(', ')} on ${millrace.broker.nc.getServer()}`);
        reportReady();
        await aborted(interrupted);
        await worker.stop();
      } finally {
        standard.close();
        await millrace.close();
      }
    });
}

function countOf(text: string, what: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new TerminalError('bad_option', `"${text}" is not a number of ${what}`, { hint: 'give a whole number from 1' });
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
