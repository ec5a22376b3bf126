import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TerminalError } from '../../../kernel/errors.ts';
import { isAlive } from './guard.ts';

/** `<data>/server.json`: the server that holds a data folder, for other commands to find. */
export interface ServerInfo {
  /** As `nats://127.0.0.1:24222`. */
  readonly url: string;
  /** The server's process; 0 while it is being started. */
  readonly pid: number;
  /** The process it dies with. */
  readonly owner: number;
  /** Unique to this start, and on the server's command line: a reused pid is not taken for it. */
  readonly name: string;
}

const fileOf = (dataDir: string): string => join(dataDir, 'server.json');
/** Starts under way in this very process. */
const starting = new Set<string>();

/** The server that runs on a data folder now; undefined when none does. */
export function runningServer(dataDir: string): ServerInfo | undefined {
  const info = read(fileOf(dataDir));
  return info !== undefined && info.pid > 0 && lives(info) ? info : undefined;
}

/**
 * Takes the data folder for a server about to start; `data_in_use` when a living one has it. A
 * server whose owner is dead is going down by itself, and is waited for.
 */
export async function claim(dataDir: string, info: ServerInfo): Promise<void> {
  const file = fileOf(dataDir);
  const fresh = `${file}.${info.name}`;
  starting.add(info.name);
  writeFileSync(fresh, text(info));
  try {
    for (const deadline = Date.now() + 10_000; !tryLink(fresh, file);) {
      const holder = read(file);
      if (holder === undefined || !lives(holder)) removeStale(file, holder, info.name);
      else if (isAlive(holder.owner) || Date.now() > deadline) throw inUse(dataDir, holder);
      else await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } catch (cause) {
    starting.delete(info.name);
    throw cause;
  } finally {
    rmSync(fresh, { force: true });
  }
}

/** Says which process it became. */
export function confirm(dataDir: string, info: ServerInfo): void {
  const fresh = `${fileOf(dataDir)}.${info.name}`;
  writeFileSync(fresh, text(info));
  renameSync(fresh, fileOf(dataDir));
}

/** Gives the data folder back, if it is still this server's. */
export function release(dataDir: string, name: string): void {
  starting.delete(name);
  if (read(fileOf(dataDir))?.name === name) rmSync(fileOf(dataDir), { force: true });
}

const text = (info: ServerInfo): string => `${JSON.stringify(info)}\n`;

function inUse(dataDir: string, holder: ServerInfo): TerminalError {
  const who = holder.pid > 0 ? `${holder.url}, pid ${holder.pid}` : `being started by pid ${holder.owner}`;
  return new TerminalError('data_in_use', `the data folder ${dataDir} already has a running nats-server (${who})`,
    { hint: `use that server (NATS_URL=${holder.url}), stop it, or name another folder in MILLRACE_DATA` });
}

function lives(info: ServerInfo): boolean {
  if (info.pid > 0) return isAlive(info.pid) && commandLine(info.pid).includes(info.name);
  return info.owner === process.pid ? starting.has(info.name) : isAlive(info.owner);
}

function commandLine(pid: number): string {
  try {
    if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

function read(file: string): ServerInfo | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ServerInfo;
  } catch {
    return undefined;
  }
}

/** A link is made or not at all: of two who start at once, one sees the other's. */
function tryLink(fresh: string, file: string): boolean {
  try {
    linkSync(fresh, file);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cause;
  }
}

/** Moves it aside first, so that a claim made in between by somebody else is seen and put back. */
function removeStale(file: string, stale: ServerInfo | undefined, ours: string): void {
  const aside = `${file}.stale-${ours}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  const moved = read(aside);
  if (moved !== undefined && moved.name !== stale?.name) tryLink(aside, file);
  rmSync(aside, { force: true });
}
