// Run by itself: folds the logs in the file it is given, and prints a digest of each state.
import { readFileSync } from 'node:fs';
import type { Definition } from '../../../src/kernel/definition.ts';
import { definitionFor, digestOf, type Log } from './logs.ts';
import { scenarios } from './scenarios.ts';

const known = new Map<string, Definition>();

for (const log of JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as readonly Log[]) {
  const scenario = scenarios.find(({ name }) => name === log.scenario);
  if (scenario === undefined) throw new Error(`there is no scenario "${log.scenario}"`);
  const key = `${log.scenario} ${String(log.records[0]?.machine.name)}`;
  const definition = known.get(key) ?? definitionFor(scenario, log);
  known.set(key, definition);
  process.stdout.write(`${digestOf(definition, log.records)}\n`);
}
