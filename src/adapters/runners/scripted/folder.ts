import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TriggerRequest } from '../../../machines/run/runner.ts';
import { readJson, writeOnce } from '../process/files.ts';
import { scriptOf } from './script.ts';
import { answer, untouched, type BuildState, type Verb } from './state.ts';
import type { ScriptedStore } from './store.ts';

/**
 * For workers that die: `<dir>/<id>/request.json`, and `<dir>/<id>/calls`, a line a call. Workers of one
 * machine may share it: a line is appended whole, and its place among the others decides its answer.
 */
export function folderStore(dir: string): ScriptedStore {
  return {
    async remember(id, request) {
      await mkdir(join(dir, id), { recursive: true });
      await writeOnce(join(dir, id, 'request.json'), request);
    },
    async call(id, verb) {
      const request = await readRequest(dir, id);
      if (request === undefined) return undefined;
      const nonce = randomUUID();
      await appendFile(join(dir, id, 'calls'), `${new Date().toISOString()} ${verb} ${nonce}\n`);
      const calls = await readCalls(dir, id);
      const before = stateAfter(request, calls.slice(0, calls.findIndex((call) => call.nonce === nonce)));
      return { ...answer(scriptOf(request), before, verb), before, request };
    },
  };
}

/** A build as a test looks at it. */
export interface ScriptedBuild {
  /** The idempotency key: the run's name. */
  readonly key: string;
  /** With the calls that were counted. */
  readonly state: BuildState;
  /** When each call came, oldest first, ms since the epoch. */
  readonly calls: readonly { readonly at: number; readonly verb: Verb }[];
}

/** Every build a folder store holds, in no order. */
export async function scriptedBuilds(dir: string): Promise<readonly ScriptedBuild[]> {
  const ids = await readdir(dir).catch((): string[] => []);
  const builds = await Promise.all(ids.map(async (id): Promise<readonly ScriptedBuild[]> => {
    const request = await readRequest(dir, id);
    if (request === undefined) return [];
    const calls = await readCalls(dir, id);
    return [{ key: request.idempotencyKey, state: stateAfter(request, calls), calls }];
  }));
  return builds.flat().filter(({ state }) => state.created);
}

const readRequest = (dir: string, id: string): Promise<TriggerRequest | undefined> => readJson(join(dir, id, 'request.json'));

interface Call {
  readonly at: number;
  readonly verb: Verb;
  readonly nonce: string;
}

async function readCalls(dir: string, id: string): Promise<readonly Call[]> {
  const text = await readFile(join(dir, id, 'calls'), { encoding: 'utf8', flag: 'a+' });
  return text.split('\n').filter((line) => line !== '').map((line) => {
    const [at = '', verb = '', nonce = ''] = line.split(' ');
    return { at: Date.parse(at), verb: verb as Verb, nonce };
  });
}

function stateAfter(request: TriggerRequest, calls: readonly Call[]): BuildState {
  const script = scriptOf(request);
  return calls.reduce((state: BuildState, { verb }) => answer(script, state, verb).state, untouched);
}
