import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { defineSaga, RetryableError, step, TerminalError, type Definition } from '../../src/index.ts';
import { leasePorts, patchJson, places, readJson, releasePorts, writeJson, type SandboxRecord } from './grounds.ts';
import { endProcesses, ensureRunning, markTakenBack, processesOf } from './processes.ts';
import { container, task } from './programs.ts';

const sandbox = z.string().regex(/^[a-z0-9-]+$/);
const containers = z.array(z.string().regex(/^[a-z0-9-]+$/)).min(1).max(8);
const ports = z.array(z.int());

/**
 * A sandbox on this machine: ports, a folder, a process that holds it, containers that answer, and a place among the
 * services. Cancelled or failed at any moment, nothing of it stays. `dir` holds all sandboxes of this machine.
 */
export function sandboxDefinition(dir: string, { patienceMs = 5_000 } = {}): Definition {
  const at = places(dir);

  const allocNetwork = step({
    name: 'alloc-network', needs: z.object({ containers }), gives: z.object({ ports }),
    run: async ({ input, stepKey }) => ({ ports: [...await leasePorts(dir, stepKey, input.containers.length)] }),
    undo: ({ stepKey }) => releasePorts(dir, stepKey),
  });

  const patchNetwork = step({
    name: 'patch-network', needs: z.object({ sandbox, ports }), gives: z.object({ address: z.string() }),
    async run({ input }) {
      const address = `127.0.0.1:${input.ports[0]}`;
      await patchJson<SandboxRecord>(at.record(input.sandbox), { address });
      return { address };
    },
    undo: ({ input }) => patchJson<SandboxRecord>(at.record(input.sandbox), { address: undefined }),
  });

  const createContainer = step({
    name: 'create-container', needs: z.object({ sandbox, containers }), gives: z.object({ home: z.string() }),
    async run({ input }) {
      const home = at.home(input.sandbox);
      await mkdir(join(home, 'root'), { recursive: true });
      await writeFile(join(home, 'spec.json'), JSON.stringify(input));
      return { home };
    },
    undo: ({ input }) => rm(at.home(input.sandbox), { recursive: true, force: true }),
  });

  const bootTask = step({
    name: 'boot-task', needs: z.object({ home: z.string() }), gives: z.object({ task: z.int() }),
    run: async ({ input, stepKey }) => ({ task: await ensureRunning(dir, stepKey, { key: stepKey, home: input.home, source: task, args: [] }) }),
    async undo({ stepKey }) {
      await markTakenBack(dir, stepKey);
      await endProcesses(stepKey);
    },
  });

  const bootContainers = step({
    name: 'boot-containers', needs: z.object({ home: z.string(), containers, ports }), gives: z.object({ pids: z.array(z.int()) }),
    async run({ input, stepKey }) {
      const pids: number[] = [];
      for (const [index, name] of input.containers.entries()) {
        pids.push(await ensureRunning(dir, stepKey, { key: `${stepKey}/${name}`, home: input.home, source: container, args: [name, String(input.ports[index])] }));
      }
      return { pids };
    },
    async undo({ input, stepKey }) {
      await markTakenBack(dir, stepKey);
      for (const name of input.containers.toReversed()) await endProcesses(`${stepKey}/${name}`);
    },
  });

  const addMetrics = step({
    name: 'add-metrics', needs: z.object({ sandbox, pids: z.array(z.int()) }), gives: z.object({}),
    async run({ input }) {
      await writeJson(at.metrics(input.sandbox), { watches: input.pids });
      return {};
    },
    undo: ({ input }) => rm(at.metrics(input.sandbox), { force: true }),
  });

  const waitPorts = step({
    name: 'wait-ports', needs: z.object({ containers, ports, pids: z.array(z.int()) }), gives: z.object({}),
    async run({ input, actor, signal }) {
      for (const [index, name] of input.containers.entries()) await answers(name, Number(input.ports[index]), `${actor}/boot-containers/${name}`, signal);
      return {};
    },
    timeoutMs: patienceMs, retry: { attempts: 1, delayMs: 0 },
  });

  const setRunning = step({
    name: 'set-running', needs: z.object({ sandbox }), gives: z.object({ status: z.enum(['RUNNING', 'STOPPED', 'DEAD']) }),
    async run({ input }) {
      const { status } = await readJson<SandboxRecord>(at.record(input.sandbox), {});
      // Somebody ended it meanwhile: what they said stands.
      if (status === 'DEAD' || status === 'STOPPED') return { status };
      await patchJson<SandboxRecord>(at.record(input.sandbox), { status: 'RUNNING' });
      return { status: 'RUNNING' as const };
    },
    async undo({ input }) {
      const { status } = await readJson<SandboxRecord>(at.record(input.sandbox), {});
      if (status === 'RUNNING') await patchJson<SandboxRecord>(at.record(input.sandbox), { status: undefined });
    },
  });

  const updateServices = step({
    name: 'update-services', needs: z.object({ sandbox, service: z.string(), address: z.string(), status: z.string() }), gives: z.object({}),
    skipIf: ({ status }) => (status === 'RUNNING' ? false : `the sandbox is ${status}`),
    async run({ input }) {
      await patchJson<Record<string, string>>(at.service(input.service), { [input.sandbox]: input.address });
      return {};
    },
    undo: ({ input }) => patchJson<Record<string, string>>(at.service(input.service), { [input.sandbox]: undefined }),
    bookkeeping: true,
  });

  return defineSaga({
    name: 'sandbox', version: '1', input: z.object({ sandbox, containers, service: z.string().regex(/^[a-z0-9-]+$/) }),
    steps: [allocNetwork, patchNetwork, createContainer, bootTask, bootContainers, addMetrics, waitPorts, setRunning, updateServices],
    rules: { retry: { attempts: 3, delayMs: 100 }, undoRetry: { attempts: 5, delayMs: 100 } },
    output: ({ address = null, status = null, ports: leased = null }) => ({ address, status, ports: leased }),
  });
}

async function answers(name: string, port: number, key: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const said = await fetch(`http://127.0.0.1:${port}/`, { signal }).then((response) => response.text(), () => undefined);
    if (said === name) return;
    if (said !== undefined) throw new TerminalError('port_taken', `port ${port} is answered by something else than "${name}"`, { hint: 'end what listens there' });
    if (signal.aborted) throw new RetryableError('no_answer', `container "${name}" does not answer on port ${port}`);
    if ((await processesOf(key)).length === 0) throw new TerminalError('container_ended', `container "${name}" ended before it answered`, { hint: 'look at what it runs' });
    await pause(20, undefined, { signal }).catch(() => undefined);
  }
}
