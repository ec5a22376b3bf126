import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findServer } from '../../../src/adapters/nats/server/find.ts';
import { CannotInstall } from '../../../src/adapters/nats/server/install.ts';

let home: string;
beforeEach(() => { home = mkdtempSync(join(tmpdir(), 'millrace-find-')); });
afterEach(() => { rmSync(home, { recursive: true, force: true }); });

/** A program that says it is this version. */
function fakeServer(path: string, version: string): string {
  const file = join(home, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho "nats-server: v${version}"\n`);
  chmodSync(file, 0o755);
  return file;
}

const env = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({ PATH: join(home, 'bin'), XDG_CACHE_HOME: join(home, 'cache'), ...more });
/** The folders beside PATH may hold a real server on some machine: PATH and cache are only told apart where the order says so. */
const never = vi.fn<(cache: string) => Promise<string>>(() => Promise.reject(new Error('must not install')));

describe('finding nats-server', () => {
  it('given MILLRACE_NATS_SERVER, when others are there too, then it is the one', async () => {
    fakeServer('bin/nats-server', '2.15.1');
    const named = fakeServer('mine/server', '2.15.2');
    expect(await findServer({ env: env({ MILLRACE_NATS_SERVER: named }), install: never }))
      .toEqual({ file: named, version: '2.15.2', from: 'MILLRACE_NATS_SERVER' });
  });

  it('given MILLRACE_NATS_SERVER that does not exist, does not run or is too old, then it is refused by name, never replaced by another', async () => {
    fakeServer('bin/nats-server', '2.15.1');
    const junk = join(home, 'junk');
    writeFileSync(junk, 'no program');
    const found = (file: string): Promise<unknown> => findServer({ env: env({ MILLRACE_NATS_SERVER: file }), install: never });
    const naming = { message: expect.stringContaining('MILLRACE_NATS_SERVER') as string };
    await expect(found(join(home, 'nothing'))).rejects.toMatchObject({ code: 'nats_server_missing', ...naming });
    await expect(found(junk)).rejects.toMatchObject({ code: 'nats_server_broken', ...naming });
    await expect(found(fakeServer('old', '2.13.0'))).rejects.toMatchObject({ code: 'nats_server_too_old', ...naming });
  });

  it('given a good server on PATH, when the cache has one too, then PATH wins', async () => {
    const onPath = fakeServer('bin/nats-server', '2.15.1');
    fakeServer('cache/millrace/nats-server/2.15.9/nats-server', '2.15.9');
    expect(await findServer({ env: env(), install: never })).toEqual({ file: onPath, version: '2.15.1', from: 'PATH' });
  });

  it('given one on PATH that is too old, when a good one comes later on PATH, then the old one is passed over with a note', async () => {
    const old = fakeServer('bin/nats-server', '2.9.10');
    const good = fakeServer('more/nats-server', '2.14.2');
    const notes: string[] = [];
    const path = `${join(home, 'bin')}:${join(home, 'more')}`;
    expect(await findServer({ env: env({ PATH: path }), install: never, note: (line) => notes.push(line) })).toMatchObject({ file: good });
    expect(notes).toEqual([expect.stringMatching(`${old} is nats-server 2.9.10`), expect.stringMatching(/2\.14\.2 is older than 2\.15\.1/)]);
  });

  it.skipIf(machineHasOne())('given only a cache, then its newest server that runs is taken', async () => {
    fakeServer('cache/millrace/nats-server/2.15.1/nats-server', '2.15.1');
    const newest = fakeServer('cache/millrace/nats-server/2.15.10/nats-server', '2.15.10');
    fakeServer('cache/millrace/nats-server/.install-x/nats-server', '9.9.9');
    expect(await findServer({ env: env(), install: never })).toEqual({ file: newest, version: '2.15.10', from: 'cache' });
  });

  it.skipIf(machineHasOne())('given none at all, then one is installed into the versioned cache', async () => {
    const install = (cache: string): Promise<string> => {
      expect(cache).toBe(join(home, 'cache/millrace/nats-server'));
      return Promise.resolve(fakeServer('cache/millrace/nats-server/2.15.1/nats-server', '2.15.1'));
    };
    expect(await findServer({ env: env(), install })).toMatchObject({ version: '2.15.1', from: 'installed' });
  });

  it.skipIf(machineHasOne())('given a machine it cannot install on, then the error has the reason, this platform\'s command and the variable', async () => {
    fakeServer('bin/zypper', '0.0.0');
    const install = (): Promise<string> => Promise.reject(new CannotInstall('not of the Debian family'));
    await expect(findServer({ env: env(), install })).rejects.toMatchObject({
      code: 'nats_server_missing', retryable: false,
      message: expect.stringContaining('not of the Debian family') as string,
      hint: expect.stringMatching(/zypper install nats-server.*MILLRACE_NATS_SERVER/) as string,
    });
  });
});

function machineHasOne(): boolean {
  return ['/usr/local/sbin', '/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin'].some((folder) => existsSync(join(folder, 'nats-server')));
}
