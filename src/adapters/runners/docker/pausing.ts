import { RetryableError } from '../../../kernel/errors.ts';
import type { PausableRunner } from '../../../machines/run/pausable.ts';
import type { BuildId } from '../../../machines/run/runner.ts';
import { storedResult } from '../process/settle.ts';
import { hasEnded, ownContainer } from './container.ts';
import { ask, must } from './engine.ts';
import { known } from './known.ts';
import type { DockerTools } from './tools.ts';

/** Freeze and thaw a build's container. A container that somebody pauses by hand counts as stopped as well. */
export function pausing(tools: DockerTools): Pick<PausableRunner, 'stop' | 'start' | 'progress'> {
  const { docker, pauses } = tools;

  /** Its container while it runs; undefined once the build has ended. */
  const running = async (id: BuildId): Promise<{ name: string; paused: boolean } | undefined> => {
    const folder = await known(tools, id);
    if ((await storedResult(folder)) !== undefined) return undefined;
    const own = await ownContainer(docker, folder);
    if (own?.seen.State.Running === true) return { name: own.place.container, paused: own.seen.State.Paused };
    if (own !== undefined && hasEnded(own)) return undefined;
    throw new RetryableError('not_running', `Build ${id} does not run yet.`, { hint: 'Try again in a moment, or cancel it.' });
  };

  return {
    async stop(id) {
      const seen = await running(id);
      if (seen === undefined) return;
      if (!seen.paused) {
        const answer = await ask('pause a container', () => docker.getContainer(seen.name).pause());
        // It was paused, or it ended, in the meantime.
        if (!answer.ok && (await running(id))?.paused === false) must('pause a container', answer);
      }
      await pauses.stopped(id);
    },
    async start(id) {
      const seen = await running(id);
      if (seen === undefined) return (await pauses.read(id)).generation;
      if (seen.paused) {
        const answer = await ask('unpause a container', () => docker.getContainer(seen.name).unpause());
        if (!answer.ok && (await running(id))?.paused === true) must('unpause a container', answer);
      }
      return pauses.resumed(id);
    },
    async progress(id) {
      const folder = await known(tools, id);
      const { generation } = await pauses.read(id);
      if ((await storedResult(folder)) !== undefined) return { generation, state: 'ended' };
      const own = await ownContainer(docker, folder);
      if (own?.seen.State.Running !== true) return { generation, state: own !== undefined && hasEnded(own) ? 'ended' : 'waiting' };
      if (own.seen.State.Paused) return { generation, state: 'stopped' };
      // Somebody may have let it go on by hand, or died before that was noted.
      return { generation: await pauses.resumed(id), state: 'running' };
    },
  };
}
