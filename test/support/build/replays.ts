import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { freeze, thaw } from '../../../src/kernel/freeze.ts';
import type { Json } from '../../../src/kernel/json.ts';
import type { ActorName, LogRecord } from '../../../src/kernel/record.ts';
import { fold } from '../../../src/kernel/replay.ts';
import type { ActorState } from '../../../src/kernel/state.ts';
import { compiled } from '../compiled.ts';
import { definitionOf } from './yard.ts';

/** Logs that tests produced, and what folding each of them gave. */
export interface Replays {
  readonly logs: readonly (readonly LogRecord[])[];
  /** Fold it from the start and from every frozen prefix. @throws when two of them differ in a byte. */
  add(actor: ActorName, records: readonly LogRecord[]): void;
  /** Fold all of them once more in a process of its own. @throws when one differs in a byte. */
  elsewhere(folder: string): Promise<void>;
}

export function collectReplays(): Replays {
  const logs: (readonly LogRecord[])[] = [];
  const frozen: string[] = [];
  return {
    logs,
    add(actor, records) {
      logs.push(records);
      frozen.push(sha(foldedEveryWay(actor, records)));
    },
    async elsewhere(folder) {
      const machines = await compiled('src/read-only-machines.js');
      const file = `${folder}/logs.json`;
      await writeFile(file, JSON.stringify(logs));
      const root = machines.replace(/read-only-machines\.js$/, '');
      const program = `
        import { createHash } from 'node:crypto';
        import { readFileSync } from 'node:fs';
        const { fold } = await import(${JSON.stringify(`${root}kernel/replay.js`)});
        const { freeze } = await import(${JSON.stringify(`${root}kernel/freeze.js`)});
        const { readOnlyMachines } = await import(${JSON.stringify(machines)});
        const machines = new Map(readOnlyMachines().map((machine) => [machine.stamp.name, machine]));
        for (const records of JSON.parse(readFileSync(${JSON.stringify(file)}, 'utf8'))) {
          const { state } = fold(machines.get(records[0].actor.split('/')[0]), records);
          console.log(createHash('sha256').update(JSON.stringify(freeze(state))).digest('hex'));
        }`;
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { maxBuffer: 64 * 1024 * 1024 });
      const there = stdout.trim().split('\n');
      if (there.length !== frozen.length) throw new Error(`${frozen.length} logs here, ${there.length} there`);
      for (const [index, here] of frozen.entries()) {
        if (there[index] !== here) throw new Error(`another process folds ${logs[index]?.[0]?.actor} to another state`);
      }
    },
  };
}

const text = (state: ActorState): string => JSON.stringify(freeze(state));
const sha = (bytes: string): string => createHash('sha256').update(bytes).digest('hex');

function foldedEveryWay(actor: ActorName, records: readonly LogRecord[]): string {
  const definition = definitionOf(actor);
  // As another host reads them: from bytes.
  const stored = JSON.parse(JSON.stringify(records)) as LogRecord[];
  const whole = text(fold(definition, records).state);
  let state: ActorState | undefined;
  for (const [index, record] of stored.entries()) {
    state = fold(definition, [record], state).state;
    const prefix = text(state);
    const again = fold(definition, stored.slice(index + 1), thaw(definition, JSON.parse(prefix) as Json)).state;
    if (text(again) !== whole) throw new Error(`${actor}: folded from a snapshot after record ${index + 1} it is another state`);
  }
  return whole;
}
