import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { ContainerInspectInfo } from 'dockerode';
import type { BuildId } from '../../../machines/run/runner.ts';
import { readJson, writeOnce } from '../process/files.ts';
import type { Carrier } from './carry.ts';
import { inspect, labels, type DockerRequest } from './container.ts';
import type { Passed } from './known.ts';
import { infrastructure, outcomeOf, outcomeOfWish, type Outcome } from './outcome.ts';
import { passedFile, type Place } from './place.ts';
import type { Plan } from './plan.ts';
import type { Preparations } from './preparations.ts';
import { withArtifact } from './settle.ts';
import { begin, type NotStarted } from './start.ts';
import type { Stopping } from './stopping.ts';
import type { DockerTools } from './tools.ts';
import { readWish, wishEnd, type Wish } from './wish.ts';

/** What this worker has at hand beside the tools. */
export interface Hands {
  readonly preparations: Preparations;
  readonly stopping: Stopping;
  /** Undefined when nobody wants the build's output. */
  carrierOf(place: Place, request: DockerRequest): Carrier | undefined;
  forget(id: BuildId): void;
}

/** What one of a build's containers is seen to be. */
export type Sight = 'accepted' | 'running' | Outcome;

/** There is no container: not yet, or no more. */
export async function absent(tools: DockerTools, { preparations }: Hands, place: Place, request: DockerRequest, plan: Plan): Promise<Sight> {
  const wish = await readWish(place);
  if (existsSync(place.started) && !preparations.has(place)) {
    return wish === undefined ? infrastructure('lost', 'the container was removed while the build ran, and left no result') : outcomeOfWish(wish, plan, place.blamed);
  }
  if (wish !== undefined) {
    await preparations.stop(place);
    return (await inspect(tools.docker, place.container)) === undefined ? outcomeOfWish(wish, plan, place.blamed) : 'accepted';
  }
  const outcome = await preparations.check(place, plan);
  if (outcome !== undefined) {
    await preparations.stop(place);
    return outcome;
  }
  preparations.go(place, request, plan);
  return 'accepted';
}

export async function present(tools: DockerTools, hands: Hands, place: Place, request: DockerRequest, plan: Plan, { State, Config }: ContainerInspectInfo): Promise<Sight> {
  if (!existsSync(place.started)) await writeOnce(place.started, { at: Date.now() });
  const wish = await readWish(place);
  const workdir = Config.WorkingDir === '' ? '/' : Config.WorkingDir;
  switch (State.Status) {
    case 'created': {
      if (wish !== undefined) {
        await hands.preparations.stop(place);
        return outcomeOfWish(wish, plan, place.blamed);
      }
      const failed = await readJson<NotStarted>(place.exit);
      if (failed !== undefined) return infrastructure('not_spawned', `the container could not be started: ${failed.message}`);
      if (Config.Labels[labels.buildOnly] === 'true') return withArtifact(tools, place, workdir, plan.artifact, { status: 'succeeded', metadata: {} });
      if (!hands.preparations.has(place) && (await isStale(place, tools.startGraceMs))) await begin(tools, place);
      return 'accepted';
    }
    case 'exited':
    case 'dead': {
      await hands.carrierOf(place, request)?.drain();
      const over = wish === undefined && (await tools.disk.isOver(place.container, plan.limits.diskBytes, 'now'));
      const outcome = over ? outcomeOfWish({ why: 'disk_full', at: Date.now() }, plan, place.blamed) : outcomeOf(State, wish, plan, place.blamed);
      return withArtifact(tools, place, workdir, plan.artifact, outcome);
    }
    default: {
      hands.carrierOf(place, request)?.follow();
      if (State.Paused) await tools.pauses.stopped(place.id); else await tools.pauses.resumed(place.id);
      const why = wish?.why ?? (State.Paused ? undefined : await excess(tools, place, State.StartedAt, plan));
      if (why === undefined) return 'running';
      if (wish === undefined) await wishEnd(place, why);
      hands.stopping.end(place.container);
      return 'running';
    }
  }
}

/** Whoever named it starts it at once; if it was not, that worker is gone. */
const isStale = async (place: Place, graceMs: number): Promise<boolean> =>
  Date.now() - (await stat(place.started)).mtimeMs >= graceMs;

/** Why it may not go on, if so. */
async function excess({ pauses, disk }: DockerTools, place: Place, startedAt: string, { limits }: Plan): Promise<Wish['why'] | undefined> {
  const { pausedMs } = await pauses.read(place.id);
  const before = place.side === 'base' ? undefined : await readJson<Passed>(passedFile(place));
  if (Date.now() - Date.parse(startedAt) - (pausedMs - (before?.pausedMs ?? 0)) >= limits.timeoutMs) return 'timeout';
  return (await disk.isOver(place.container, limits.diskBytes)) ? 'disk_full' : undefined;
}
