import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Definition } from '../../../src/kernel/definition.ts';
import { freeze, thaw } from '../../../src/kernel/freeze.ts';
import type { Json } from '../../../src/kernel/json.ts';
import type { LogRecord } from '../../../src/kernel/record.ts';
import { fold } from '../../../src/kernel/replay.ts';
import type { ActorState } from '../../../src/kernel/state.ts';
import { noHands } from './hands.ts';
import type { Scenario } from './scenario.ts';

/** What one actor's log was at the end of a run. */
export interface Log {
  readonly scenario: string;
  readonly records: readonly LogRecord[];
}

export const definitionFor = (scenario: Scenario, { records }: Log): Definition => {
  const name = records[0]?.machine.name;
  const found = scenario.definitions(noHands).find(({ stamp }) => stamp.name === name);
  if (found === undefined) throw new Error(`${scenario.name} has no ${String(name)}`);
  return found;
};

const bytes = (state: ActorState): string => JSON.stringify(freeze(state));
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Of the state that the log folds to. */
export const digestOf = (definition: Definition, records: readonly LogRecord[]): string => digest(bytes(fold(definition, records).state));

/** The numbers of records after which a host that thaws the frozen state and goes on ends elsewhere. */
export function brokenPrefixes(definition: Definition, records: readonly LogRecord[]): readonly number[] {
  const whole = bytes(fold(definition, records).state);
  const broken: number[] = [];
  let state: ActorState | undefined;
  for (const [index, record] of records.entries()) {
    ({ state } = fold(definition, [record], state));
    const thawed = thaw(definition, JSON.parse(bytes(state)) as Json);
    if (bytes(fold(definition, records.slice(index + 1), thawed).state) !== whole) broken.push(index + 1);
  }
  return broken;
}

const run = promisify(execFile);

/** The digests of the same logs, folded by sources compiled anew in a process of its own. */
export async function digestsElsewhere(logs: readonly Log[]): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-replay-'));
  try {
    await run(process.execPath, [
      'node_modules/typescript/bin/tsc', '--ignoreConfig', '--noCheck', '--skipLibCheck', '--rewriteRelativeImportExtensions',
      '--module', 'nodenext', '--target', 'es2023', '--types', 'node', '--rootDir', '.', '--outDir', folder, 'test/crash/matrix/replay.ts',
    ]);
    await symlink(resolve('node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    await writeFile(join(folder, 'logs.json'), JSON.stringify(logs));
    const { stdout } = await run(process.execPath, [join(folder, 'test/crash/matrix/replay.js'), join(folder, 'logs.json')], { maxBuffer: 64 * 1024 * 1024 });
    return stdout.trim().split('\n');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
