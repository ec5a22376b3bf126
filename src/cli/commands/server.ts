import type { Command } from 'commander';
import { jobKey } from '../../adapters/job/key.ts';
import { startServer, type RunningServer } from '../../adapters/nats/server/launch.ts';
import { RetryableError, TerminalError } from '../../kernel/errors.ts';
import { globalsOf } from '../globals.ts';
import { aborted, untilInterrupted } from '../interrupt.ts';
import { aside, jsonLine, line } from '../print.ts';

export function addServer(program: Command): void {
  program
    .command('server')
    .description('a private nats-server on loopback, with the settings Millrace wants')
    .option('--port <n>', 'port; a free one when not given')
    .action(async (options: { port?: string }, self: Command) => {
      const globals = globalsOf(self);
      const interrupted = untilInterrupted();
      const server = await startServer({ dataDir: globals.data, port: portOf(options.port), jobIssuer: jobKey(globals.data).publicKey, note: aside });
      if (globals.output === 'json') jsonLine({ url: server.url, pid: server.pid, version: server.version });
      else line(server.url);
      try {
        await untilEnded(server, interrupted);
      } finally {
        await server.stop();
      }
    });
}

export function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new TerminalError('bad_option', `"${text}" is not a port`, { hint: 'give a number from 1 to 65535' });
  return port;
}

/** Until interrupted. @throws RetryableError `nats_server_gone` when the server ends by itself before. */
export async function untilEnded(server: RunningServer, interrupted: AbortSignal): Promise<void> {
  const code = await Promise.race([aborted(interrupted), server.exited]);
  if (code !== undefined) throw new RetryableError('nats_server_gone', `nats-server ended by itself, with exit code ${code}`, { hint: 'its last words are in nats-server.log in the data folder; start it again' });
}
