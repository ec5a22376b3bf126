import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../support/cli.ts';
import { compiled } from '../support/compiled.ts';

let folder: string;
let library: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-lock-'));
  library = await compiled('src/index.js');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function machine(version: string, state: string): string {
  const path = join(folder, `machine-${version}-${state}.mjs`);
  writeFileSync(path, `import { defineMachine } from ${JSON.stringify(library)};
import { createMachine } from ${JSON.stringify(join(process.cwd(), 'node_modules/xstate/dist/xstate.cjs.js'))};
export const machines = [defineMachine({ version: '${version}', machine: createMachine({ id: 'door', initial: 'open', states: { open: { on: { shut: '${state}' } }, '${state}': {} } }) })];`);
  return path;
}
const lock = (path: string, ...args: string[]) => run(['lock', '--own', '--machines', path, '--file', join(folder, 'machines.lock.json'), ...args]);

test('given a machine of one\'s own, when its shape is locked and changed, then the check fails and says what changed, and it cannot be locked under the same version by accident', async () => {
  const first = machine('1', 'closed');
  expect(await lock(first)).toMatchObject({ code: 0, stdout: expect.stringContaining('door 1') as string });
  expect(await lock(first, '--check')).toMatchObject({ code: 0, stdout: 'no machine has changed\n' });
  const changed = machine('1', 'barred');
  expect(await lock(changed, '--check')).toMatchObject({ code: 1, stdout: expect.stringContaining('door 1 has changed and kept its version; no longer has the states door.closed; has the new states door.barred') as string });
  expect(await lock(changed, '-o', 'json')).toMatchObject({ code: 2, error: { code: 'version_kept' } });
  expect(await lock(machine('2', 'barred'))).toMatchObject({ code: 0 });
  expect(await lock(changed, '--keep-version')).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(readFileSync(join(folder, 'machines.lock.json'), 'utf8'))).toMatchObject({ door: { version: '1', states: ['door', 'door.barred', 'door.open'] } });
  writeFileSync(join(folder, 'machines.lock.json'), 'not json');
  expect(await lock(changed, '--check', '-o', 'json')).toMatchObject({ code: 2, error: { code: 'bad_lock' } });
});
