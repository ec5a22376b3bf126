import type { Command } from 'commander';
import { TerminalError } from '../../kernel/errors.ts';
import { globalsOf, withMillrace } from '../globals.ts';
import { aborted, untilInterrupted } from '../interrupt.ts';
import { openBrowser } from '../open-browser.ts';
import { jsonLine, line } from '../print.ts';
import { addressLine, serveConsole, tokensFrom, type Reach } from '../serve-console.ts';

interface Options {
  readonly port?: string;
  readonly host: string;
  readonly name: readonly string[];
  readonly tokenFile?: string;
  readonly open: boolean;
}

export function addConsole(program: Command): void {
  program
    .command('console')
    .description('the local page: builds as charts, live and back in time; until interrupted')
    .option('--port <port>', '0 for any free one (default: 7373, or a free one when that is taken)')
    .option('--host <address>', 'to listen on; any but a loopback address needs a token', '127.0.0.1')
    .option('--name <host:port>', "another name it is reached under, such as a proxy's; may be given again", (name, before: readonly string[]) => [...before, name], [])
    .option('--token-file <file>', 'tokens that open it, one a line as `token` or `name:token` (or MILLRACE_CONSOLE_TOKEN)')
    .option('--no-open', 'do not show it in the browser')
    .action(async (options: Options, self: Command) => {
      const globals = globalsOf(self);
      const reach: Reach = { port: consolePort(options.port), host: options.host, names: options.name, tokens: tokensFrom(options.tokenFile) };
      const interrupted = untilInterrupted();
      await withMillrace(globals, async (millrace) => {
        const server = await serveConsole(globals, millrace, reach);
        try {
          if (globals.output === 'json') jsonLine({ console: server.url, server: millrace.broker.nc.getServer(), pid: process.pid });
          else line(`console on ${addressLine(server, reach)}; running until interrupted`);
          if (options.open && process.stdout.isTTY === true) openBrowser(server.url);
          await aborted(interrupted);
        } finally {
          await server.close();
        }
      });
    });
}

export function consolePort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new TerminalError('bad_option', `"${text}" is no port`, { hint: 'give a number from 0 to 65535' });
  return port;
}
