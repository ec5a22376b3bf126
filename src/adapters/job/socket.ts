import { chmodSync, linkSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import type { Desk } from './desk.ts';
import { handle } from './http.ts';
import type { JobKey } from './key.ts';

export interface JobSocketOptions {
  readonly path: string;
  readonly desk: Desk;
  readonly key: JobKey;
  /** How often it is looked whether the worker that answers is still there, ms. Default 500. */
  readonly watchMs?: number;
  readonly warn: (message: string) => void;
}

/**
 * The local socket of a data folder. Every worker of the folder listens under a name of its own; one of them has the
 * name that jobs know, and when it dies another one takes it within moments. Only the worker's own user can reach it.
 */
export function jobSocket({ path, desk, key, watchMs = 500, warn }: JobSocketOptions): { close(): void } {
  const own = join(dirname(path), `w${process.pid}-${++opened}.sock`);
  const server = createServer((request, response) => void handle(desk, key, request, response));
  server.keepAliveTimeout = 60_000;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const watch = async (): Promise<void> => {
    try {
      if (!(await answers(path)) && !closed) take(own, path);
    } catch (error) {
      warn(`the jobs' socket cannot be taken: ${String(error)}`);
    }
    if (!closed) timer = setTimeout(() => void watch(), watchMs).unref();
  };

  server.on('error', (error) => warn(`the jobs' socket does not work; jobs ask over NATS instead: ${String(error)}`));
  void privateFolder(dirname(path)).then(() => {
    if (closed) return;
    server.listen(own, () => {
      chmodSync(own, 0o600);
      void watch();
    });
  }, (error: unknown) => warn(`the jobs' socket cannot be made; jobs ask over NATS instead: ${String(error)}`));

  return {
    close() {
      closed = true;
      clearTimeout(timer);
      if (inodeOf(path) === (inodeOf(own) ?? -1)) rmSync(path, { force: true });
      server.close();
      server.closeAllConnections();
      rmSync(own, { force: true });
    },
  };
}

let opened = 0;

/** In one step, so that at no moment there is no socket. Of two who take it at once the later one has it. */
function take(own: string, path: string): void {
  const link = `${own}.link`;
  rmSync(link, { force: true });
  linkSync(own, link);
  renameSync(link, path);
}

const inodeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino;

/** Ours alone. What workers that were killed left behind is removed. */
async function privateFolder(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0) throw new Error(`${folder} is open to others`);
  for (const name of readdirSync(folder).filter((each) => /^w\d+-\d+\.sock/.test(each))) {
    if (!(await answers(join(folder, name)))) rmSync(join(folder, name), { force: true });
  }
}

/** Does somebody listen there? */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const finish = (there: boolean): void => {
      socket.destroy();
      resolve(there);
    };
    socket.once('connect', () => finish(true)).once('error', () => finish(false));
  });
}
