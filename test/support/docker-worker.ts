import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { TriggerRequest } from '../../src/machines/run/runner.ts';
import { compiled } from './compiled.ts';
import type { Shop } from './runner/shop.ts';

/** A worker with a process of its own, from the compiled package, which can be killed for real. */
export interface DockerWorker {
  /** Resolves once the build was triggered. */
  readonly triggered: Promise<void>;
  kill(): Promise<void>;
}

export const compiledRunner = (): Promise<string> => compiled('src/adapters/runners/docker/runner.js');

/** It triggers the build and then asks for its status until it is killed. */
export function startDockerWorker(runnerModule: string, socket: string, shop: Shop, asked: TriggerRequest): DockerWorker {
  const program = `
    import { appendFileSync, createReadStream, readFileSync } from 'node:fs';
    import Docker from 'dockerode';
    const { dockerRunner } = await import(${JSON.stringify(runnerModule)});
    const dir = ${JSON.stringify(shop.dir)};
    const stored = () => readFileSync(dir + '/output.jsonl', 'utf8').split('\\n').filter(Boolean).map((line) => JSON.parse(line));
    const output = {
      async write(actor, line, id) { if (!stored().some((one) => one.id === id)) appendFileSync(dir + '/output.jsonl', JSON.stringify({ id, actor, line }) + '\\n'); },
      async last(actor) { return stored().findLast((line) => line.actor === actor)?.id; },
    };
    const blobs = { get: async (digest) => createReadStream(dir + '/blobs/' + digest) };
    const docker = new Docker({ socketPath: ${JSON.stringify(socket)} });
    const runner = dockerRunner({ docker, dataDir: dir + '/data', blobs, output, graceMs: 1000, startGraceMs: 300 });
    const id = await runner.trigger(${JSON.stringify(asked)});
    console.log(id);
    for (;;) { await runner.status(id).catch(() => undefined); await new Promise((resolve) => setTimeout(resolve, 20)); }
  `;
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  return {
    triggered: once(child.stdout ?? child, 'data').then(() => undefined),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
