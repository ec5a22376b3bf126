import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TerminalError } from '../../../kernel/errors.ts';
import { claim, confirm, release } from './claim.ts';
import { findServer, type ServerBinary } from './find.ts';
import { spawnGuarded, type Guarded } from './guard.ts';
import { withJobs } from './jobs-conf.ts';
import { freePort, isFree } from './port.ts';
import { greeting } from './probe.ts';

export interface StartOptions {
  /** Holds the store (`nats/`), the server's log and `server.json`. Made when missing. */
  readonly dataDir: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Default: the repository's `nats.conf`. */
  readonly conf?: string;
  /** The public key of who vouches for jobs: a job's credential then is checked by `auth_callout`, and anonymous use stays as it is. */
  readonly jobIssuer?: string;
  /** Default: {@link findServer}. */
  readonly server?: ServerBinary;
  /** Told why a server was passed over, that one is being installed, or that it is an old one. */
  readonly note?: (line: string) => void;
}

export interface RunningServer {
  /** As `nats://127.0.0.1:24222`. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly version: string;
  /** Its exit code, should it go by itself or be stopped. */
  readonly exited: Promise<number>;
  /** Ends it cleanly (SIGTERM, then SIGKILL) and frees the data folder. */
  stop(): Promise<void>;
}

/**
 * Starts a private nats-server with JetStream on 127.0.0.1 and waits until it serves. It dies with
 * this process, however that ends. Errors: `port_in_use`, `data_in_use`, `nats_server_failed` with
 * its last log lines, and those of {@link findServer}.
 */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const server = options.server ?? await findServer({ note: options.note });
  const dataDir = resolve(options.dataDir);
  mkdirSync(dataDir, { recursive: true });
  const { conf = repositoryConf(), jobIssuer } = options;
  if (options.port !== undefined && !await isFree(options.port)) throw portInUse(options.port);
  for (let tries = 1; ; tries++) {
    const port = options.port ?? await freePort();
    try {
      return await launch(server, dataDir, port, () => (jobIssuer === undefined ? conf : withJobs(conf, dataDir, jobIssuer)));
    } catch (cause) {
      if (!(cause instanceof TerminalError) || cause.code !== 'port_in_use' || options.port !== undefined || tries === 5) throw cause;
    }
  }
}

async function launch(server: ServerBinary, dataDir: string, port: number, confFile: () => string): Promise<RunningServer> {
  const name = `millrace-${randomBytes(6).toString('hex')}`;
  const url = `nats://127.0.0.1:${port}`;
  const log = join(dataDir, 'nats-server.log');
  await claim(dataDir, { url, pid: 0, owner: process.pid, name });
  let running: Guarded | undefined;
  try {
    const logged = existsSync(log) ? statSync(log).size : 0;
    running = await guarded(server.file, log,
      ['-c', resolve(confFile()), '-a', '127.0.0.1', '-p', String(port), '-js', '-sd', join(dataDir, 'nats'), '-n', name]);
    confirm(dataDir, { url, pid: running.pid, owner: process.pid, name });
    await ready(running, name, port, () => readFileSync(log).subarray(logged).toString('utf8'));
  } catch (cause) {
    await running?.stop();
    release(dataDir, name);
    throw cause;
  }
  const { pid, exited, stop } = running;
  return {
    url, port, pid, version: server.version, exited,
    stop: async () => { await stop(); release(dataDir, name); },
  };
}

async function guarded(file: string, log: string, args: string[]): Promise<Guarded> {
  const fd = openSync(log, 'a', 0o600);
  try {
    return await spawnGuarded(file, args, { cwd: dirname(log), log: fd });
  } finally {
    closeSync(fd);
  }
}

/** A store of many gigabytes takes its time to come back, so only the server's end is a failure. */
async function ready(running: Guarded, name: string, port: number, logged: () => string): Promise<void> {
  let gone = false;
  const mark = (): void => { gone = true; };
  running.exited.then(mark, mark);
  for (;;) {
    const found = await greeting(port);
    if (found?.server_name === name) {
      if (found.jetstream === true) return;
      throw new TerminalError('nats_server_failed', 'nats-server runs without JetStream', { hint: 'the configuration must not turn it off' });
    }
    if (gone) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const text = logged();
  if (text.includes('address already in use')) throw portInUse(port);
  throw new TerminalError('nats_server_failed', `nats-server did not start. Its last lines:\n${lastLines(text)}`,
    { hint: 'its whole log is nats-server.log in the data folder' });
}

const lastLines = (text: string): string => text.trimEnd().split('\n').slice(-8).join('\n');

function portInUse(port: number): TerminalError {
  return new TerminalError('port_in_use', `port ${port} of 127.0.0.1 is in use`,
    { hint: 'name another port, or none to get a free one' });
}

/** `nats.conf` at the root of the package, seen from `src` and from `dist/src`. */
function repositoryConf(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const conf = join(folder, 'nats.conf');
    if (existsSync(conf)) return conf;
    if (folder === dirname(folder)) throw new TerminalError('nats_conf_missing', 'nats.conf is not in the package', { hint: 'install Millrace again' });
  }
}
