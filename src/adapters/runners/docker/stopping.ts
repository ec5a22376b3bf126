import type Docker from 'dockerode';
import type { BuildId } from '../../../machines/run/runner.ts';
import { containerName } from './container.ts';
import { ask } from './engine.ts';

/** Ends containers in the background: the stop signal, after the grace SIGKILL, by the engine itself. */
export interface Stopping {
  /** Harmless while it is under way. What fails is tried again by whoever looks next. */
  end(id: BuildId): void;
}

export function stopping(docker: Docker, graceMs: number): Stopping {
  const running = new Map<BuildId, Promise<void>>();
  const end = async (id: BuildId): Promise<void> => {
    const container = docker.getContainer(containerName(id));
    // A frozen container hears no signal.
    await ask('unpause a container', () => container.unpause());
    await ask('stop a container', () => container.stop({ t: Math.ceil(graceMs / 1000) }), graceMs + 60_000);
  };
  return {
    end(id) {
      if (running.has(id)) return;
      running.set(id, end(id).catch(() => undefined).finally(() => running.delete(id)));
    },
  };
}
