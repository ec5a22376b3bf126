import type { Command } from 'commander';
import { startServer } from '../../adapters/nats/server/launch.ts';
import { TerminalError } from '../../kernel/errors.ts';
import { globalsOf, untilInterrupted } from '../globals.ts';
import { jsonLine, line } from '../print.ts';

export function addServer(program: Command): void {
  program
    .command('server')
    .description('a private nats-server on loopback, with the settings Millrace wants')
    .option('--port <n>', 'port; a free one when not given')
    .action(async (options: { port?: string }, self: Command) => {
      const globals = globalsOf(self);
      const interrupted = untilInterrupted();
      const server = await startServer({ dataDir: globals.data, port: portOf(options.port), note });
      if (globals.output === 'json') jsonLine({ url: server.url, pid: server.pid, version: server.version });
      else line(server.url);
      await aborted(interrupted);
      await server.stop();
    });
}

/** What the set-up of a server has to say goes to standard error: the address alone is the output. */
export const note = (text: string): void => void process.stderr.write(`${text}\n`);

export function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new TerminalError('bad_option', `"${text}" is not a port`, { hint: 'give a number from 1 to 65535' });
  return port;
}

export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));
