import { RetryableError } from '../../../kernel/errors.ts';
import type { PausableRunner } from '../../../machines/run/pausable.ts';
import type { BuildId } from '../../../machines/run/runner.ts';
import { storedResult } from '../process/settle.ts';
import { containerName, ownContainer } from './container.ts';
import { ask, must } from './engine.ts';
import { known } from './look.ts';
import type { DockerTools } from './tools.ts';

/** Freeze and thaw a build's container. A container that somebody pauses by hand counts as stopped as well. */
export function pausing(tools: DockerTools): Pick<PausableRunner, 'stop' | 'start' | 'progress'> {
  const { docker, pauses } = tools;

  /** Its container while it runs; undefined once the build has ended. */
  const running = async (id: BuildId): Promise<{ paused: boolean } | undefined> => {
    const folder = await known(tools, id);
    if ((await storedResult(folder)) !== undefined) return undefined;
    const seen = await ownContainer(docker, folder);
    if (seen?.State.Running === true) return { paused: seen.State.Paused };
    if (seen !== undefined && seen.State.Status !== 'created') return undefined;
    throw new RetryableError('not_running', `Build ${id} has not begun to run.`, { hint: 'Try again in a moment, or cancel it.' });
  };

  return {
    async stop(id) {
      const seen = await running(id);
      if (seen === undefined) return;
      if (!seen.paused) {
        const answer = await ask('pause a container', () => docker.getContainer(containerName(id)).pause());
        // It was paused, or it ended, in the meantime.
        if (!answer.ok && (await running(id))?.paused === false) must('pause a container', answer);
      }
      await pauses.stopped(id);
    },
    async start(id) {
      const seen = await running(id);
      if (seen === undefined) return (await pauses.read(id)).generation;
      if (seen.paused) {
        const answer = await ask('unpause a container', () => docker.getContainer(containerName(id)).unpause());
        if (!answer.ok && (await running(id))?.paused === true) must('unpause a container', answer);
      }
      return pauses.resumed(id);
    },
    async progress(id) {
      const folder = await known(tools, id);
      const seen = (await storedResult(folder)) === undefined ? await ownContainer(docker, folder) : null;
      const { generation } = await pauses.read(id);
      if (seen === undefined || seen?.State.Status === 'created') return { generation, state: 'waiting' };
      if (seen?.State.Running !== true) return { generation, state: 'ended' };
      if (seen.State.Paused) return { generation, state: 'stopped' };
      // Somebody may have let it go on by hand, or died before that was noted.
      return { generation: await pauses.resumed(id), state: 'running' };
    },
  };
}
