import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { begin, beginOnTerminal, run } from '../support/cli.ts';
import { writeProject } from '../support/build/source.ts';
import { eventually } from '../support/broker.ts';

// Many real processes, on machines that may be busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

let folder: string;
let env: { MILLRACE_DATA: string };
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-e2e-'));
  env = { MILLRACE_DATA: join(folder, 'data') };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const project = (name: string, how: { fails?: 'at-once'; seconds?: number } = {}): Promise<string> => writeProject(join(folder, name), { ran: join(folder, 'ran'), seconds: 0, ...how });
const serverPid = (): number => (JSON.parse(readFileSync(join(env.MILLRACE_DATA, 'server.json'), 'utf8')) as { pid: number }).pid;
const isThere = (pid: number): boolean => { try { return process.kill(pid, 0); } catch { return false; } };

/** Processes whose command line or environment names this test's folder. */
async function processes(): Promise<string[]> {
  if (!existsSync('/proc/self/environ')) return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const read = (pid: string, file: string): string => { try { return readFileSync(`/proc/${pid}/${file}`, 'utf8'); } catch { return ''; } };
  return pids.filter((pid) => read(pid, 'cmdline').includes(folder) || read(pid, 'environ').includes(folder)).map((pid) => read(pid, 'cmdline').replaceAll('\0', ' '));
}

/** The guard of the nats-server may still be in its last second of sleep. */
const noneLeft = (): Promise<void> => eventually(async () => (await processes()).length === 0, 3_000);

describe('given dev in a pipe', () => {
  test('when its example completes, then it explains it, exits 0, and leaves one folder and no process; a second time it is v2', async () => {
    const source = await project('app');
    const first = await run(['dev', '--example', source], { env });
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/^nats-server {2}2\.\d+\.\d+ on nats:\/\/127\.0\.0\.1:\d+, every write fsynced$/m);
    expect(first.stdout).toContain(`data         ${env.MILLRACE_DATA}`);
    expect(first.stdout).toMatch(/^build\/app-[0-9a-f]+ completed$/m);
    expect(first.stdout).toContain('where everything is:');
    expect((await readdir(folder)).toSorted()).toEqual(['app', 'data', 'ran']);
    await noneLeft();
    const second = await run(['dev', '--example', source], { env });
    expect(second.code).toBe(0);
    expect(second.stdout).toContain('this is app v2');
  });

  test('when its example fails, then it says why and exits 1', async () => {
    const { code, stdout } = await run(['dev', '--example', await project('bad', { fails: 'at-once' })], { env });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^build\/bad-[0-9a-f]+ failed at build-artifact: .*\[build_failed\]$/m);
    await noneLeft();
  });

  test('when it is interrupted twice in the middle of a build, then it ends cleanly and the build goes on the next time', async () => {
    const dev = await begin(['dev', '--example', await project('slow', { seconds: 3 })], { env });
    await dev.sees('compiling');
    dev.signal('SIGINT');
    dev.signal('SIGINT');
    const { code, stdout } = await dev.ended;
    expect(code).toBe(1);
    const actor = /interrupted; (build\/slow-[0-9a-f]+) goes on with the next worker/.exec(stdout)?.[1] ?? '';
    await noneLeft();
    const next = await begin(['dev'], { env });
    await next.sees('running until interrupted');
    const logs = await run(['logs', '-f', actor], { env });
    expect(logs.code).toBe(0);
    expect((await run(['show', actor, '-o', 'json'], { env })).json).toMatchObject({ status: 'completed' });
    expect((await next.stop()).code).toBe(0);
  });
});

test('given dev that runs, when another is started on its folder, then that says who has it; when its server dies, then dev says so and ends', async () => {
  const dev = await begin(['dev'], { env });
  await dev.sees('running until interrupted');
  for (const command of ['dev', 'server']) {
    const other = await run([command, '-o', 'json'], { env });
    expect([other.code, other.error?.code]).toEqual([2, 'data_in_use']);
    expect(other.error?.hint).toContain('MILLRACE_DATA');
  }
  process.kill(serverPid(), 'SIGKILL');
  const { code, stderr } = await dev.ended;
  expect(code).toBe(4);
  expect(stderr).toContain('[nats_server_gone]');
  await noneLeft();
});

test('given server, then its address is the first line, commands find it by the data folder, and it ends with SIGTERM or with its parent', async () => {
  const server = await begin(['server'], { env });
  await server.sees('\n');
  expect(server.stdout()).toMatch(/^nats:\/\/127\.0\.0\.1:\d+\n$/);
  expect((await run(['ls', '-o', 'json'], { env })).json).toEqual([]);
  expect(await server.stop()).toMatchObject({ code: 0 });
  const again = await begin(['server', '-o', 'json'], { env });
  await again.sees('"url"');
  const pid = serverPid();
  again.signal('SIGKILL');
  await again.ended;
  await eventually(() => !isThere(pid), 8_000);
});

test.skipIf(spawnSync('script', ['--version']).status !== 0)('given dev on a terminal, when its example is done, then it keeps running until Ctrl-C', async () => {
  const dev = await beginOnTerminal(['dev', '--example', await project('app')], { env });
  await dev.sees('running until interrupted', 30_000);
  expect(dev.stdout()).toContain('\u001b[');
  dev.child.stdin?.write('\u0003\u0003');
  const { code } = await dev.ended;
  expect(code).toBe(0);
  await noneLeft();
});

test('given dev for a script, when its example is done, then every line is JSON, the first says where the server is and the last how it ended', async () => {
  const { code, stdout } = await run(['dev', '-o', 'json', '--example', await project('told')], { env });
  const lines = stdout.trim().split('\n').map((text) => JSON.parse(text) as Record<string, unknown>);
  expect(code).toBe(0);
  expect(lines[0]).toMatchObject({ url: expect.stringMatching(/^nats:\/\/127\.0\.0\.1:\d+$/) as string, version: expect.any(String) as string });
  expect(lines.at(-1)).toMatchObject({ status: 'completed', output: { output: { version: 'v1' } } });
});

test.each([
  ['dev', ['dev', '--server', 'nats://127.0.0.1:1']],
  ['dev', ['dev', '--context', 'any']],
  ['ls', ['ls', 'build', '--workers']],
  ['ls', ['ls', '--server', 'nats://127.0.0.1:1', '--context', 'any']],
] as const)('given %s, when it gets options that do not go together, then it says so instead of ignoring one: %j', async (_command, args) => {
  const { code, error } = await run([...args, '-o', 'json'], { env });
  expect([code, error?.code]).toEqual([2, 'bad_option']);
});
