import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command, CommanderError } from 'commander';
import { TerminalError } from '../kernel/errors.ts';

const more = `
Examples:
  millrace dev                                     nats-server and worker, until Ctrl-C
  millrace build examples/hello --app hello        build a folder and follow it
  millrace run trigger --runner process --head . --meta command="make test" --id r1
  millrace cancel build/b42 --reason "wrong branch"
  millrace history build/b42 -o json               its log, a line of JSON a record

Exit codes: 0 done, 1 it did not complete or a chain is broken, 2 the call was wrong,
3 refused, 4 nobody could be asked (the broker is away, no worker answered),
5 a promised failure of a build that is not running.`;

/** Help texts that say what a person needs, and errors of ours instead of the parser's. */
export function addHelp(program: Command): Command {
  return program
    .description('An event-sourced actor system for builds: XState statecharts decide, NATS JetStream remembers.')
    .version(version(), '-V, --version', 'the version of this program')
    .configureHelp({ showGlobalOptions: true, visibleGlobalOptions: (command) => (command.parent?.parent ?? command.parent)?.options.filter(({ long }) => long !== '--version') ?? [] })
    .configureOutput({ outputError: () => undefined })
    .addHelpText('after', more)
    .helpCommand('help [command]', 'help for a command')
    .exitOverride();
}

/** What the parser found wrong with the call. */
export function usageError(error: CommanderError): TerminalError {
  // Without a command the help is shown, which says it all.
  if (error.code === 'commander.help') return new TerminalError('bad_usage', 'no command was given', { hint: 'name one of the commands above' });
  return new TerminalError('bad_usage', error.message.replace(/^error: /, '').replace(/\.?\s*\n\s*/g, '; '), { hint: 'see `millrace --help`, or `millrace <command> --help`' });
}

/** Was JSON asked for? Asked of the raw words, since the call may be one that cannot be parsed. */
export const wantsJson = (words: readonly string[]): boolean =>
  words.some((word, i) => word === '-ojson' || word === '--output=json' || (word === 'json' && ['-o', '--output'].includes(words[i - 1] ?? '')));

/** Of the package this file belongs to, seen from `src` and from `dist/src`. */
/** Millrace's own version, from its package. */
export function version(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const found = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: unknown; version?: unknown };
      if (found.name === 'millrace' && typeof found.version === 'string') return found.version;
    } catch { /* further up */ }
  }
  return 'unknown';
}
