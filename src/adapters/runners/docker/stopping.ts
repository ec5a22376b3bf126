import type Docker from 'dockerode';
import { ask } from './engine.ts';

/** Ends containers in the background: the stop signal, after the grace SIGKILL, by the engine itself. */
export interface Stopping {
  /** Harmless while it is under way. What fails is tried again by whoever looks next. */
  end(name: string): void;
}

export function stopping(docker: Docker, graceMs: number): Stopping {
  const running = new Map<string, Promise<void>>();
  const end = async (name: string): Promise<void> => {
    const container = docker.getContainer(name);
    // A frozen container hears no signal.
    await ask('unpause a container', () => container.unpause());
    await ask('stop a container', () => container.stop({ t: Math.ceil(graceMs / 1000) }), graceMs + 60_000);
  };
  return {
    end(name) {
      if (running.has(name)) return;
      running.set(name, end(name).catch(() => undefined).finally(() => running.delete(name)));
    },
  };
}
