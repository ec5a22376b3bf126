import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { supervisorProgram } from '../../../src/adapters/runners/process/program.ts';
import { RetryableError } from '../../../src/kernel/errors.ts';
import { eventually, openShop, request, run, untilEnded, type Shop } from '../../support/runner/shop.ts';

let shop: Shop;
beforeEach(async () => { shop = await openShop(); });
afterEach(async () => { await shop.close(); });

const outputActor = 'build/b1';
const secret = 'hunter2-hunter2';
const texts = async (): Promise<string[]> => (await shop.lines()).map(({ line }) => line.text);

/** Every file below the folder that has this text. */
async function filesWith(folder: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && (await readFile(path, 'utf8')).includes(text)) found.push(path);
  }
  return found;
}

describe('the environment of a job', () => {
  it('given a hook, when a build runs, then it has what the hook says for its run, and the name of the run, whatever its request says', async () => {
    const asked: string[] = [];
    const runner = shop.runner({ jobEnvironment: (actor) => {
      asked.push(actor);
      return Promise.resolve({ JOB_TOKEN: 'of ' + actor, SHORT: 'short' });
    } });
    const command = 'test "$JOB_TOKEN" = "of run/r1" && test "$SHORT" = short && echo "$MILLRACE_BUILD"';
    const sample = await run(runner, request(command, { outputActor, 'env.MILLRACE_BUILD': 'run/other', 'env.JOB_TOKEN': 'mine' }, { idempotencyKey: 'run/r1' }));
    expect(sample.status).toBe('succeeded');
    expect(await texts()).toEqual(['run/r1']);
    expect(asked).toEqual(['run/r1']);
  });

  it('given a hook with a path of its own, when a request names one too, then the request\'s counts, and a path is no secret', async () => {
    const runner = shop.runner({ jobEnvironment: () => Promise.resolve({ PATH: '/from/the/hook:/usr/bin:/bin' }) });
    await run(runner, request('echo $PATH', { outputActor }));
    await run(runner, request('echo $PATH', { outputActor, 'env.PATH': '/of/the/request:/usr/bin:/bin' }));
    expect(await texts()).toEqual(['/from/the/hook:/usr/bin:/bin', '/of/the/request:/usr/bin:/bin']);
  });

  it('given addresses and names beside the secrets, when the build prints them, then only what is secret is hidden', async () => {
    const variables = { MILLRACE_JOB_SOCKET: '/data/jobs/jobs.sock', MILLRACE_JOB_NATS: 'nats://127.0.0.1:4222', MILLRACE_JOB_TOKEN: secret, DATABASE_URL: 'postgres://me:letmein@db/shop' };
    const runner = shop.runner({ jobEnvironment: () => Promise.resolve(variables) });
    await run(runner, request('echo "$MILLRACE_JOB_SOCKET $MILLRACE_JOB_NATS"; echo "$MILLRACE_JOB_TOKEN $DATABASE_URL"', { outputActor }));
    expect(await texts()).toEqual(['/data/jobs/jobs.sock nats://127.0.0.1:4222', '*** ***']);
  });

  it('given an order that is cut off, when its supervisor reads it, then it complains without showing any of it', async () => {
    const program = join(shop.dir, 'supervisor.cjs');
    await writeFile(program, supervisorProgram());
    const { status, stderr } = spawnSync(process.execPath, [program], { input: `{"env":{"TOKEN":"${secret}`, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 1, stderr: 'the order was cut off\n' });
  });

  it('given secret values, when the build runs and prints them, then they are in no file and in no output', async () => {
    const runner = shop.runner({ jobEnvironment: () => Promise.resolve({ TOKEN: secret, KEY: `-----BEGIN-----\n${secret}-in-a-key\n-----END-----` }) });
    const id = await runner.trigger(request('echo "it is $TOKEN."; echo "$KEY"; echo "x$TOKEN" >&2; printf "$TOKEN"; sleep 0.1; printf "no newline"; while [ ! -e go ]; do sleep 0.02; done; echo; exit 1', { outputActor }));
    const folder = join(shop.dataDir, 'runs', id);
    await eventually(async () => (await readFile(join(folder, 'output.log'), 'utf8').catch(() => '')).includes('it is'));
    expect(await filesWith(shop.dir, secret)).toEqual([]);
    expect((await stat(folder)).mode & 0o077).toBe(0);
    await runner.cancel(id);
    const sample = await untilEnded(runner, id);
    expect(JSON.stringify(sample)).not.toContain(secret);
    expect(await filesWith(shop.dir, secret)).toEqual([]);
    expect(await texts()).toEqual(expect.arrayContaining(['it is ***.', 'x***']));
    expect((await texts()).join('\n')).not.toContain('hunter2');
  });

  it('given a secret that lies across the place where an endless line is cut, when it is printed, then it is hidden', async () => {
    const runner = shop.runner({ jobEnvironment: () => Promise.resolve({ TOKEN: secret }) });
    const filler = (length: number): string => `head -c ${length} /dev/zero | tr "\\0" x`;
    for (const length of [16_370, 16_384, 16_395, 65_530]) {
      await run(runner, request(`${filler(length)}; printf "$TOKEN"; ${filler(40_000)}; printf "hunter2"; sleep 0.05; printf -- "-hunter2"; ${filler(20)}`, { outputActor }));
    }
    const all = (await texts()).join('');
    expect(all).not.toContain('hunter2');
    expect(all.match(/\*\*\*/g)).toHaveLength(8);
    expect(all.replaceAll('***', '')).toBe('x'.repeat(16_370 + 16_384 + 16_395 + 65_530 + 4 * 40_020));
  });

  it('given a hook that is away, when a build is triggered, then it is tried again later, and runs once', async () => {
    let away = true;
    const runner = shop.runner({ jobEnvironment: () => (away ? Promise.reject(new Error(`no ${secret}`)) : Promise.resolve({ TOKEN: secret })) });
    const asked = request(`echo x >> ${join(shop.dir, 'ran')}`);
    const refused: unknown = await runner.trigger(asked).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RetryableError);
    expect(String(refused)).not.toContain(secret);
    expect(existsSync(join(shop.dir, 'ran'))).toBe(false);
    away = false;
    const id = await runner.trigger(asked);
    expect(await runner.trigger(asked)).toBe(id);
    expect((await untilEnded(runner, id)).status).toBe('succeeded');
    expect(await readFile(join(shop.dir, 'ran'), 'utf8')).toBe('x\n');
  });

  it('given values of the hook that differ, when the same base comes again, then it is still known to be good', async () => {
    let serial = 0;
    const runner = shop.runner({ jobEnvironment: () => Promise.resolve({ TOKEN: `${secret}-${serial++}` }) });
    const sides = { base: [await shop.source({ a: 'a' })], head: [await shop.source({ b: 'b' })] };
    expect((await run(runner, request('true', {}, sides))).metadata.baseVerdict).toBe('passed');
    expect((await run(runner, request('true', {}, sides))).metadata.baseVerdict).toBe('cached');
  });
});
