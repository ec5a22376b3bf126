import { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMachine } from 'xstate';
import { addChart } from '../../../src/cli/commands/chart.ts';
import { addInspect } from '../../../src/cli/commands/inspect.ts';
import { addGlobals } from '../../../src/cli/globals.ts';
import { MillraceError } from '../../../src/kernel/errors.ts';
import { chartOf } from '../../../src/projections/chart/chart.ts';
import { readOnlyMachines } from '../../../src/read-only-machines.ts';

/** The call in this process: what it prints, or the code it fails with. Nothing listens at the address it would ask. */
async function call(...words: string[]): Promise<string> {
  let printed = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => { printed += String(text); return true; });
  const program = addGlobals(new Command('millrace')).exitOverride();
  addChart(program);
  addInspect(program);
  try {
    await program.parseAsync(['--server', 'nats://127.0.0.1:1', ...words], { from: 'user' });
    return printed;
  } catch (error) {
    if (error instanceof MillraceError) return error.code;
    throw error;
  } finally {
    write.mockRestore();
  }
}

afterEach(() => { vi.restoreAllMocks(); });

describe('millrace chart', () => {
  const run = readOnlyMachines().find(({ stamp }) => stamp.name === 'run');

  it('given a machine, when it is drawn each way, then each is what it says', async () => {
    expect(await call('chart', 'run')).toMatch(/^ {2}run\n/);
    expect(await call('chart', 'run', '--svg', '--depth', '1')).toMatch(/^<svg [\s\S]*<title>Statechart run<\/title>[\s\S]*<\/svg>\n$/);
    expect(await call('chart', 'run', '--mermaid')).toMatch(/^stateDiagram-v2\n/);
    expect(await call('chart', 'run', '--xstate')).toMatch(/^import \{ createMachine \} from "xstate";\n/);
    expect(run && JSON.parse(await call('chart', 'run', '-o', 'json'))).toEqual(run && chartOf(run.machine));
    expect(run && chartOf(createMachine(JSON.parse(await call('chart', 'run', '--xstate', '-o', 'json')) as never))).toEqual(run && chartOf(run.machine));
  });

  it.each([
    [['--svg', '--mermaid'], 'bad_option'], [['--svg', '-o', 'json'], 'bad_option'], [['--xstate', '--depth', '2'], 'bad_option'], [['--depth', '0'], 'bad_option'],
    [['--at', 'build/b1'], 'bad_option'], [['--at', 'run/a1@x'], 'bad_option'], [['--at', 'run'], 'bad_actor_name'], [['--at', 'run/a1'], 'broker_gone'],
  ])('given chart run %j, then it is refused with %s', async (words, code) => {
    expect(await call('chart', 'run', ...words)).toBe(code);
  });

  it('given a machine that is not known, then it is said which are', async () => {
    expect(await call('chart', 'nothing')).toBe('unknown_type');
    expect(await call('chart', 'no/thing')).toBe('bad_machine_name');
  });
});

describe('millrace inspect', () => {
  it.each([
    [['--replay'], 'bad_option'], [['run/a1', '--speed', '2'], 'bad_option'], [['run/a1', '--replay', '--speed', '0'], 'bad_option'], [['run/a1', '--replay', '--speed', 'fast'], 'bad_option'],
    [['--port', '99999'], 'bad_option'], [['--port', 'x'], 'bad_option'], [['run'], 'bad_actor_name'], [['run/a1', '--port', '0'], 'broker_gone'],
  ])('given inspect %j, then it is refused with %s', async (words, code) => {
    expect(await call('inspect', ...words)).toBe(code);
  });
});
