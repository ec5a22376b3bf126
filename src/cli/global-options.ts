import type { Command } from 'commander';

/** What every command takes. Apart from what it leads to, which takes its time to load. */
export function addGlobals(program: Command): Command {
  return program
    .option('-o, --output <format>', 'text or json', 'text')
    .option('--server <url>', 'NATS server (NATS_URL)')
    .option('--context <name>', 'context of the nats command line (NATS_CONTEXT)')
    .option('--prefix <prefix>', 'subject prefix (MILLRACE_PREFIX)', process.env.MILLRACE_PREFIX ?? 'millrace')
    .option('--data <folder>', 'data folder (MILLRACE_DATA)', process.env.MILLRACE_DATA ?? '.millrace')
    .option('--machines <module>', 'a module that exports `machines`; may be given again (MILLRACE_MACHINES, comma-separated)', (path, before: readonly string[] | undefined) => [...(before ?? []), path]);
}
