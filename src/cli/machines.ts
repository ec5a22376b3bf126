import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Definition } from '../kernel/definition.ts';
import { TerminalError } from '../kernel/errors.ts';
import { parseActor } from '../kernel/names.ts';
import { readOnlyMachines } from '../read-only-machines.ts';
import type { Globals } from './globals.ts';

/** The machines of the caller's own modules. @throws TerminalError `bad_machines`. */
export async function loadMachines(globals: Globals): Promise<readonly Definition[]> {
  const loaded = await Promise.all(globals.machines.map(loadModule));
  return loaded.flat();
}

async function loadModule(path: string): Promise<readonly Definition[]> {
  try {
    const module = (await import(pathToFileURL(resolve(path)).href)) as { machines?: unknown };
    if (Array.isArray(module.machines)) return module.machines as Definition[];
  } catch (cause) {
    throw new TerminalError('bad_machines', `the module ${path} cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, { cause, hint: 'it must be a JavaScript module that this Node can import' });
  }
  throw new TerminalError('bad_machines', `the module ${path} exports no list "machines"`, { hint: 'export const machines = [defineMachine(...), ...]' });
}

/** Every machine that this command line knows. */
export const knownMachines = async (globals: Globals): Promise<readonly Definition[]> => [...readOnlyMachines(), ...(await loadMachines(globals))];

/** The definition that folds this actor's log, to look at it. Its activities are never called. */
export async function definitionFor(globals: Globals, actor: string): Promise<Definition> {
  const { type } = parseActor(actor);
  const all = await knownMachines(globals);
  const found = all.find((definition) => definition.stamp.name === type);
  if (found !== undefined) return found;
  throw new TerminalError('unknown_type', `this command line knows no machine "${type}"; it knows ${all.map((one) => one.stamp.name).join(', ')}`, {
    hint: 'give the module that defines it with --machines, or see the log with `millrace history`, which needs none',
  });
}

