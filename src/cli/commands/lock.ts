import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { TerminalError } from '../../kernel/errors.ts';
import { shapeChanges, shapesOf, type ShapeChange, type Shapes } from '../../projections/shape.ts';
import { readOnlyMachines } from '../../read-only-machines.ts';
import { exitCodes } from '../exit.ts';
import { globalsOf } from '../globals.ts';
import { loadMachines } from '../machines.ts';
import { jsonLine, line } from '../print.ts';

interface Options {
  readonly file: string;
  readonly check: boolean;
  readonly keepVersion: boolean;
  readonly own: boolean;
}

/** `millrace lock`: a committed file with the machines' shapes, so that none changes without a word. */
export function addLock(program: Command): void {
  program
    .command('lock')
    .description("write down the machines' shapes, or check that none has changed since")
    .option('--file <path>', 'the lock file', 'machines.lock.json')
    .option('--check', 'write nothing; exit 1 when a machine is not as it was locked', false)
    .option('--keep-version', 'lock a machine that changed and kept its version: no actor of it is under way anywhere', false)
    .option('--own', 'only the machines of --machines, not those that Millrace brings along', false)
    .action(async ({ file, check, keepVersion, own }: Options, self: Command) => {
      const globals = globalsOf(self);
      const now = shapesOf([...(own ? [] : readOnlyMachines()), ...await loadMachines(globals)]);
      const changes = shapeChanges(await locked(file), now);
      const refused = changes.filter(({ silent }) => silent && !keepVersion);
      if (globals.output === 'json') jsonLine({ file, ok: changes.length === 0, changes });
      else for (const text of words(changes)) line(text);
      if (check) {
        if (changes.length > 0) process.exitCode = exitCodes.failed;
        return;
      }
      if (refused.length > 0) {
        throw new TerminalError('version_kept', `${refused.map(({ machine }) => machine).join(', ')} changed and kept the version: a worker could not tell whose log it has`, {
          hint: 'give each a version of its own; --keep-version locks it as it is, when no actor of it is under way anywhere',
        });
      }
      await writeFile(file, `${JSON.stringify(now, null, 2)}\n`);
      if (globals.output !== 'json') line(`${file}: ${Object.entries(now).map(([name, { version }]) => `${name} ${version}`).join(', ')}`);
    });
}

const words = (changes: readonly ShapeChange[]): string[] => (changes.length === 0 ? ['no machine has changed'] : changes.map(({ what }) => what));

async function locked(file: string): Promise<Shapes> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  try {
    return JSON.parse(text) as Shapes;
  } catch (cause) {
    throw new TerminalError('bad_lock', `${file} is not JSON`, { cause, hint: 'take it from the repository again, or delete it and run `millrace lock`' });
  }
}
