import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectNats, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { connect, type Millrace } from '../../src/connect.ts';
import { eventually } from '../support/broker.ts';
import { definitionOf } from '../support/build/yard.ts';
import { run } from '../support/cli.ts';
import { rig, type Rig } from '../support/rig.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let made: Rig;
let nc: NatsConnection;
let millrace: Millrace;
beforeAll(async () => {
  made = await rig();
  [nc, millrace] = await Promise.all([connectNats({ servers: made.url }), connect({ servers: made.url })]);
});
afterAll(async () => {
  await nc.close();
  await millrace.close();
  await made.end();
});

/** What the job of a run says of each of its calls: exit code and output. */
interface Said { readonly name: string; readonly code: number; readonly text: string }

/** A build whose job is a shell script with `call NAME ARGS...`, which calls `millrace promise-failure ARGS...`. */
async function job(id: string, script: string): Promise<{ said(): Promise<readonly Said[]>; go(): Promise<void>; ended(): Promise<void>; show(): Promise<{ status: string; context: { ended: object | null; promised: object | null } }> }> {
  const [notes, gate] = [join(made.folder, `${id}.notes`), join(made.folder, `${id}.go`)];
  // In a file: the command itself is part of the record.
  const source = join(made.folder, `${id}.source`);
  await mkdir(source);
  await writeFile(join(source, 'job.sh'), `call() { name=$1; shift; text=$(millrace promise-failure "$@" 2>&1); printf '%s\\t%s\\t%s\\n' "$name" "$?" "$(printf %s "$text" | tr '\\n' ' ')" >> '${notes}'; }
waiting() { while [ ! -e '${gate}' ]; do sleep 0.1; done; }
${script}
`);
  const triggered = await made.run('run', 'trigger', '--runner', 'process', '--head', source, '--meta', 'command=sh job.sh', '--id', id, '--detach');
  expect(triggered).toMatchObject({ code: 0 });
  const show = async () => (await made.run('show', `run/${id}`, '-o', 'json')).json as Awaited<ReturnType<Awaited<ReturnType<typeof job>>['show']>>;
  return {
    show,
    go: () => writeFile(gate, ''),
    ended: async () => void await millrace.until(definitionOf('run/any'), `run/${id}`, ({ status }) => ['completed', 'failed', 'cancelled'].includes(status), AbortSignal.timeout(60_000)),
    async said() {
      const text = existsSync(notes) ? await readFile(notes, 'utf8') : '';
      return text.split('\n').filter((line) => line !== '').map((line) => {
        const [name = '', exit = '', told = ''] = line.split('\t');
        return { name, code: Number(exit), text: told };
      });
    },
  };
}

describe('promise-failure inside a build', () => {
  test('given a job with nothing configured, when it promises in every way there is, then each exit code is true, the build is failing at once and fails with the promised status in the end', async () => {
    const heard: { readonly failing?: { readonly exitStatus: number; readonly reason?: string } }[] = [];
    nc.subscribe('millrace.status.run.p1', { callback: (_error, message) => { heard.push(message.json()); } });
    await nc.flush();
    const p1 = await job('p1', `export DEPLOY_TOKEN=correct-horse
call first 7 --reason "password=hunter2 and correct-horse" -o json
call again 7
call other 8 -o json
MILLRACE_JOB_SOCKET=/nowhere call nats 7 -o json
( unset MILLRACE_JOB_NATS; MILLRACE_JOB_SOCKET=/nowhere; export MILLRACE_JOB_SOCKET; call nobody 7 --deadline 500ms )
call zero 0
call word seven
call large 256
( unset MILLRACE_BUILD; call outside 7 )
call deadline 7 --deadline never
MILLRACE_BUILD=run/other call foreign 7
echo "the token is $MILLRACE_JOB_TOKEN"
touch '${join(made.folder, 'p1.promised')}'
waiting`);
    await eventually(() => existsSync(join(made.folder, 'p1.promised')), 60_000);
    await eventually(() => heard.some(({ failing }) => failing?.exitStatus === 7), 5_000);
    const running = await made.run('ls', 'run', '-o', 'json');
    expect(running.json).toEqual([expect.objectContaining({ actor: 'run/p1', status: 'running', failing: { exitStatus: 7, reason: 'password=[redacted] and [redacted]' } })]);
    expect((await made.run('ls')).stdout).toMatch(/run\/p1 +running, failing/);
    await p1.go();
    await p1.ended();
    const said = new Map((await p1.said()).map((one) => [one.name, one]));
    const codes = Object.fromEntries([...said].map(([name, { code }]) => [name, code]));
    expect(codes).toEqual({ first: 0, again: 0, other: 3, nats: 0, nobody: 4, zero: 2, word: 2, large: 2, outside: 2, deadline: 2, foreign: 2 });
    const text = (name: string): string => said.get(name)?.text ?? '';
    expect(JSON.parse(text('first'))).toEqual({ outcome: 'declared', accepted: true });
    expect(text('again')).toContain('accepted: the build will fail with exit status 7 (debounced)');
    expect(JSON.parse(text('other'))).toMatchObject({ accepted: false, code: 'another_status', standing: 7 });
    expect(JSON.parse(text('nats'))).toEqual({ outcome: 'debounced', accepted: true });
    expect(text('nobody')).toContain('[no_verdict_yet]');
    expect(text('outside')).toContain('[not_in_a_build]');
    expect(text('foreign')).toContain('[bad_credential]');
    expect(await p1.show()).toMatchObject({ status: 'failed', context: { ended: { status: 'failed', exitStatus: 7, reason: 'password=[redacted] and [redacted]' } } });
    // No secret in what was printed, stored or logged.
    const logs = (await made.run('logs', 'run/p1')).stdout;
    expect(logs).toContain('the token is ');
    expect(logs).not.toContain('mrj1.');
    const history = (await Promise.all(['run/p1', 'promise/p1-7', 'promise/p1-8'].map((actor) => made.run('history', actor, '-o', 'json')))).map(({ stdout }) => stdout).join('');
    for (const secret of ['hunter2', 'correct-horse', 'mrj1.']) expect(history).not.toContain(secret);
    expect(await readFile(join(made.dataDir, 'nats-server.log'), 'utf8')).not.toContain('mrj1.');
  });

  test('given a build that has ended, when its credential is used once more, then the refusal says that it is not running', async () => {
    const env = join(made.folder, 'p2.env');
    const p2 = await job('p2', `env | grep '^MILLRACE_' > '${env}'`);
    await p2.ended();
    expect((await p2.show()).status).toBe('completed');
    const variables = Object.fromEntries((await readFile(env, 'utf8')).trim().split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
    expect(Object.keys(variables)).toEqual(expect.arrayContaining(['MILLRACE_BUILD', 'MILLRACE_JOB_NATS', 'MILLRACE_JOB_SOCKET', 'MILLRACE_JOB_TOKEN']));
    const late = await run(['promise-failure', '1', '-o', 'json'], { env: variables });
    expect([late.code, late.json]).toEqual([5, expect.objectContaining({ accepted: false, code: 'not_running' })]);
    // The credential is tied to its build, in whatever variable the build is named.
    const foreign = await run(['promise-failure', '1', '-o', 'json'], { env: { ...variables, MILLRACE_BUILD: 'run/p1' } });
    expect([foreign.code, foreign.error?.code]).toEqual([2, 'bad_credential']);
  });

  test('given dev that has ended, then it left no socket behind', async () => {
    await made.dev.stop();
    expect(readdirSync(join(made.dataDir, 'jobs'))).toEqual([]);
  });
});
