import type { BuildId, TriggerRequest } from '../../../machines/run/runner.ts';
import { scriptOf, type Script } from './script.ts';
import { answer, untouched, type Answered, type BuildState, type Verb } from './state.ts';

/** A call that was counted: the build before it, and what the script answers. */
export interface Counted extends Answered {
  readonly request: TriggerRequest;
  readonly before: BuildState;
}

/** What the backend remembers: each build's request, and every call that reached it. */
export interface ScriptedStore {
  /** Keep the request a build is first asked for with; a later one of the same id changes nothing. */
  remember(id: BuildId, request: TriggerRequest): Promise<void>;
  /** Count one call. Undefined when there is no such build. */
  call(id: BuildId, verb: Verb): Promise<Counted | undefined>;
}

/** For one process. */
export function memoryStore(): ScriptedStore {
  const builds = new Map<BuildId, { readonly request: TriggerRequest; readonly script: Script; state: BuildState }>();
  return {
    async remember(id, request) {
      await Promise.resolve();
      if (!builds.has(id)) builds.set(id, { request, script: scriptOf(request), state: untouched });
    },
    async call(id, verb) {
      await Promise.resolve();
      const build = builds.get(id);
      if (build === undefined) return undefined;
      const before = build.state;
      const answered = answer(build.script, before, verb);
      build.state = answered.state;
      return { ...answered, before, request: build.request };
    },
  };
}
