import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import Docker from 'dockerode';
import { importTestImage } from './docker-image.ts';
import { unmountBelow } from './unmount.ts';

/** A Docker engine for one test file. */
export interface TestEngine {
  readonly docker: Docker;
  close(): Promise<void>;
}

/** One of our own, which may be killed. */
export interface PrivateEngine extends TestEngine {
  readonly socket: string;
  kill(): Promise<void>;
  /** The same engine again, on the same folder and socket. */
  restart(): Promise<void>;
}

/** The one of DOCKER_HOST when that answers, else one of our own, else that of the usual socket; undefined, said loudly, when none can be had. */
export async function openEngine(): Promise<TestEngine | undefined> {
  const given = process.env.DOCKER_HOST === undefined ? undefined : await answering();
  if (given !== undefined) return given;
  const own = await launched(true);
  if (typeof own !== 'string') return own;
  const usual = canWrite('/var/run/docker.sock') ? await answering() : undefined;
  return usual ?? skipped(`${own}, and no engine answers`);
}

async function answering(): Promise<TestEngine | undefined> {
  const docker = new Docker();
  if (!(await docker.ping().then(() => true, () => false))) return undefined;
  await importTestImage(docker);
  return { docker, close: () => Promise.resolve() };
}

/** @throws when there is none: for tests that are skipped then. */
export function dockerOf(engine: TestEngine | undefined): Docker {
  if (engine === undefined) throw new Error('there is no engine');
  return engine.docker;
}

/** A private dockerd; undefined, said loudly, where none can run. `liveRestore`: containers outlive it. */
export async function startEngine({ liveRestore = true } = {}): Promise<PrivateEngine | undefined> {
  const own = await launched(liveRestore);
  return typeof own === 'string' ? skipped(own) : own;
}

/** An engine, or why there is none. */
async function launched(liveRestore: boolean): Promise<PrivateEngine | string> {
  const missing = whyNot();
  if (missing !== undefined) return missing;
  const dir = mkdtempSync(join(tmpdir(), 'millrace-dockerd-'));
  const socket = join(dir, 'docker.sock');
  const docker = new Docker({ socketPath: socket });
  writeFileSync(join(dir, 'daemon.json'), '{}');
  let daemon = launch(dir, socket, liveRestore);
  try {
    await ready(docker, daemon, dir);
    await importTestImage(docker);
  } catch (error) {
    await end(daemon, dir);
    return error instanceof Error ? error.message : String(error);
  }
  // A worker that is ended in the middle still ends its engine.
  process.once('exit', () => daemon.kill('SIGTERM'));
  return {
    docker, socket,
    async kill() {
      daemon.kill('SIGKILL');
      await exited(daemon);
    },
    async restart() {
      // A pid that nobody has reaped would pass for a process that lives.
      for (const file of ['docker.pid', 'exec/containerd/containerd.pid']) rmSync(join(dir, file), { force: true });
      daemon = launch(dir, socket, liveRestore);
      await ready(docker, daemon, dir);
    },
    async close() {
      const containers = await docker.listContainers({ all: true }).catch(() => []);
      for (const { Id } of containers) await docker.getContainer(Id).remove({ force: true, v: true }).catch(() => undefined);
      await end(daemon, dir);
    },
  };
}

/** @throws when MILLRACE_REQUIRE_DOCKER says that there has to be an engine. */
function skipped(why: string): undefined {
  if (process.env.MILLRACE_REQUIRE_DOCKER !== undefined) throw new Error(`there has to be a Docker engine, and ${why}`);
  process.stderr.write(`SKIPPED: tests with a Docker engine, because ${why}. On Debian, "apt-get install docker.io" and root make them run.\n`);
  return undefined;
}

function whyNot(): string | undefined {
  if (process.platform !== 'linux') return 'a private engine needs Linux';
  if (process.getuid?.() !== 0) return 'a private engine needs root';
  const onPath = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'].some((dir) => existsSync(join(dir, 'dockerd')));
  return onPath ? undefined : 'there is no dockerd on the PATH';
}

function canWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function launch(dir: string, socket: string, liveRestore: boolean): ChildProcess {
  const log = openSync(join(dir, 'dockerd.log'), 'a');
  return spawn('dockerd', [
    '--data-root', join(dir, 'data'), '--exec-root', join(dir, 'exec'), '--pidfile', join(dir, 'docker.pid'), '--host', `unix://${socket}`, '--config-file', join(dir, 'daemon.json'),
    '--storage-driver', 'vfs', '--bridge', 'none', '--iptables=false', '--shutdown-timeout', '2', ...(liveRestore ? ['--live-restore'] : []),
  ], { stdio: ['ignore', log, log], env: { ...process.env, PATH: `${process.env.PATH ?? ''}${delimiter}/usr/sbin${delimiter}/sbin` } });
}

async function ready(docker: Docker, daemon: ChildProcess, dir: string): Promise<void> {
  for (const until = Date.now() + 30_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    if (await docker.ping().then(() => true, () => false)) return;
    if (daemon.exitCode !== null || Date.now() > until) throw new Error(`dockerd did not start: ${readFileSync(join(dir, 'dockerd.log'), 'utf8').slice(-2000)}`);
  }
}

async function exited(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode === null && daemon.signalCode === null) await once(daemon, 'exit');
}

/** Stop it, and everything it started that still names its folder. */
async function end(daemon: ChildProcess, dir: string): Promise<void> {
  const late = setTimeout(() => daemon.kill('SIGKILL'), 15_000);
  daemon.kill('SIGTERM');
  await exited(daemon);
  clearTimeout(late);
  for (const pid of namedBy(dir)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It went by itself in the meantime.
    }
  }
  unmountBelow(dir);
  rmSync(dir, { recursive: true, force: true, maxRetries: 10 });
}

/** Its containerd and their shims: each has this folder in its command line, and nobody else has. */
function namedBy(dir: string): number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      return pid !== process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${dir}/`);
    } catch {
      return false;
    }
  });
}
