import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { jetstream } from '@nats-io/jetstream';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { scriptedBuilds, type ScriptedBuild } from '../../src/adapters/runners/scripted/folder.ts';
import { stateText } from '../../src/cli/commands/ls.ts';
import { addRun } from '../../src/cli/commands/run.ts';
import { addGlobals } from '../../src/cli/globals.ts';
import { connect as connectMillrace, type Millrace } from '../../src/connect.ts';
import type { JsonObject } from '../../src/kernel/json.ts';
import { runView, type RunView } from '../../src/projections/run.ts';
import type { DeadLetter } from '../../src/runtime/ports/dead.ts';
import { readOnlyMachines } from '../../src/standard.ts';
import { eventually } from '../support/broker.ts';
import { writeProject } from '../support/build/source.ts';
import { startWorker, type WorkerProcess } from '../support/build/worker.ts';
import { begin, run, type CliResult, type Running } from '../support/cli.ts';
import { startNats, type TestNats } from '../support/nats.ts';

// Many real processes, on machines that may be busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

let nats: TestNats;
let millrace: Millrace;
let nc: NatsConnection;
let folder: string;
let worker: WorkerProcess;

const dataDir = (): string => join(folder, 'data');
/** A program that has one build, which runs for ever and cannot pause. */
const plain = { name: 'plain', command: ['sh', '-c', `read -r asked; case "$asked" in *'"verb":"status"'*) echo '{"status":"running"}';; *) echo '{"id":"p1"}';; esac`] };
/** Another, whose build says once how far it is, and then fails. */
const telling = () => ({ name: 'telling', command: ['sh', '-c', `read -r asked; case "$asked" in *'"verb":"status"'*) if [ -e ${folder}/told ]; then echo '{"status":"failed"}'; else touch ${folder}/told; echo '{"status":"running","progress":{"percent":40,"message":"compiling"}}'; fi;; *) echo '{"id":"p2"}';; esac`] });
const startScripted = (): Promise<WorkerProcess> => startWorker(nats.url, dataDir(), { MILLRACE_SCRIPTED: '1', MILLRACE_EXEC_RUNNERS: JSON.stringify([plain, telling()]) });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-e2e-'));
  nats = await startNats();
  nc = await connect({ servers: nats.url });
  millrace = await connectMillrace({ servers: nats.url });
  worker = await startScripted();
});
afterAll(async () => {
  await worker?.stop();
  await nc?.close();
  await millrace?.close();
  await nats?.stop();
  await rm(folder, { recursive: true, force: true });
});

const env = (): Record<string, string> => ({ NATS_URL: nats.url, MILLRACE_DATA: dataDir() });
const mill = (...args: string[]): Promise<CliResult> => run(args, { env: env() });
const beginMill = (...args: string[]): Promise<Running> => begin(args, { env: env() });

const triggerArgs = (id: string, script: string): string[] =>
  ['run', 'trigger', '--runner', 'scripted', '--id', id, '--head', `script:${script}`, '--poll-accepted', '50ms', '--poll-running', '50ms'];
const trigger = (id: string, script: string, ...more: string[]): Promise<CliResult> => mill(...triggerArgs(id, script), ...more);
/** The same without a process of its own, for what is not about the command line. */
const begun = (id: string, script: string, more: JsonObject = {}): Promise<unknown> =>
  millrace.send(`run/${id}`, 'trigger', { runner: 'scripted', head: [{ uri: `script:${script}` }], poll: { acceptedMs: 50, runningMs: 50 }, ...more });
async function known(id: string): Promise<RunView> {
  const [, definition] = readOnlyMachines();
  if (definition === undefined) throw new Error('there is no run machine');
  return runView(await millrace.state(definition, `run/${id}`), await millrace.history(`run/${id}`));
}

async function ended(id: string): Promise<RunView> {
  await eventually(async () => (await known(id)).ended !== null, 20_000);
  return known(id);
}

/** The builds the backend has of this run; there must never be two. */
const builds = async (id: string): Promise<readonly ScriptedBuild[]> => (await scriptedBuilds(join(dataDir(), 'scripted'))).filter(({ key }) => key === `run/${id}`);
async function build(id: string): Promise<ScriptedBuild> {
  const [found, ...others] = await builds(id);
  if (found === undefined || others.length > 0) throw new Error(`the backend has not one build of ${id}`);
  return found;
}
const polled = (id: string, times: number): Promise<void> => eventually(async () => ((await builds(id))[0]?.state.calls.status ?? 0) >= times, 15_000);

/** Commands with nothing but a NATS client. */
const publish = (id: string, command: string, body: string): Promise<unknown> => jetstream(nc).publish(`millrace.cmd.run.${id}.${command}`, body);
const deadOf = async (id: string): Promise<readonly DeadLetter[]> => (await millrace.dead.list()).filter(({ subject }) => subject.startsWith(`millrace.cmd.run.${id}.`));

describe('given a build at a runner', () => {
  test.concurrent('when it succeeds, then its progress and its output are told, and the last line is the verdict and the end', async () => {
    const { code, lines, json } = await trigger('good', 'accepted*2,running(40 compiling)*3,succeeded', '--meta', 'url=https://ci/1', '-o', 'json');
    expect(code).toBe(0);
    expect(Object.keys(json as object)).toEqual(['accepted', 'seq', 'actor', 'status', 'output']);
    expect(json).toMatchObject({ accepted: true, seq: 1, actor: 'run/good', status: 'completed', output: { status: 'succeeded', metadata: { url: 'https://ci/1' } } });
    expect(lines).toContainEqual({ progress: { message: 'compiling', percent: 40 } });
    expect(lines).toContainEqual(expect.objectContaining({ source: 'scripted', text: 'compiling' }));
    expect((await mill('logs', 'run/good')).stdout).toMatch(/^scripted +compiling\n$/);
    expect((await mill('run', 'status', 'good', '-o', 'json')).json).toMatchObject({ actor: 'run/good', status: 'completed', runner: 'scripted', buildId: expect.stringMatching(/^[0-9a-f]{32}$/) as string, url: 'https://ci/1', failures: 0, lastFailure: null, deadline: null, ended: { status: 'succeeded' } });
    expect((await build('good')).state.calls).toMatchObject({ trigger: 1, status: 6, cancel: 0 });
  });

  test.concurrent('when it is the run of a build that is followed, then its progress is told there', async () => {
    const source = await writeProject(join(folder, 'telling'), { ran: join(folder, 'ran') });
    const { code, lines } = await mill('build', source, '--app', 'telling', '--runner', 'telling', '-o', 'json');
    expect(code).toBe(1);
    expect(lines).toContainEqual({ progress: { message: 'compiling', percent: 40 } });
  }, 60_000);

  test.concurrent('when it is told in text, then polls that say nothing new are left out, and asking again under the same id tells the same run', async () => {
    const first = await trigger('text', 'accepted*2,running*4,succeeded');
    const again = await trigger('text', 'accepted*2,running*4,succeeded');
    expect([first.code, again.code]).toEqual([0, 0]);
    expect(first.stdout.match(/the runner says running/g)).toHaveLength(1);
    expect(first.stdout).not.toContain('timer');
    expect(first.stdout).toMatch(/^run\/text completed\n {2}build [0-9a-f]{32}\n$/m);
    expect(again.stdout).toBe(first.stdout);
    expect((await build('text')).state.calls.trigger).toBe(1);
    expect(await trigger('text', 'running', '-o', 'json')).toMatchObject({ code: 3, json: { accepted: false, code: 'already_exists' } });
  });

  test.concurrent('when it fails and the base is to blame, then that is said, and the exit code is 1', async () => {
    const { code, stdout } = await trigger('base', 'running,failed(base)');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^run\/base failed: .+\n {2}the base fails already, which was assumed good; the head was not judged$/m);
    expect((await known('base')).ended).toMatchObject({ status: 'failed', infrastructure: false, metadata: { failedSide: 'base' } });
  });

  test.concurrent('when the backend answers 502 twice and then again as it should, then the build goes on and nothing is dead', async () => {
    await begun('bad-gateway', 'accepted,!502*2,running,succeeded');
    expect(await ended('bad-gateway')).toMatchObject({ status: 'completed', failures: 0, lastFailure: { code: 'http_502', call: expect.any(String) as string } });
    expect(await deadOf('bad-gateway')).toEqual([]);
  });

  test.concurrent('when its start is answered 502 although it began, then it is taken up again: one build', async () => {
    await begun('lost', 'trigger=lost*2,ok;running,succeeded');
    expect(await ended('lost')).toMatchObject({ status: 'completed' });
    expect((await build('lost')).state.calls.trigger).toBe(3);
  });

  test.concurrent('when the backend does not know it any more, then it has failed with that reason, and not by its author', async () => {
    await begun('gone', 'accepted,running,!404', { cancelGraceMs: 2000 });
    expect(await ended('gone')).toMatchObject({ status: 'failed', ended: { infrastructure: true, reason: expect.stringContaining('has no build') as string } });
  });

  test.concurrent('when it is cancelled behind our back, then it has ended cancelled, and the reason says by whom', async () => {
    await begun('behind', 'running,cancelled');
    expect(await ended('behind')).toMatchObject({ status: 'cancelled', ended: { reason: expect.stringContaining('not by Millrace') as string } });
    expect((await build('behind')).state.calls.cancel).toBe(0);
  });

  test.concurrent('when it takes longer than its deadline, then it is cancelled and has failed with that reason', async () => {
    const { code, json } = await trigger('late', 'running', '--deadline', '1s', '-o', 'json');
    expect(code).toBe(1);
    expect(json).toMatchObject({ status: 'failed', output: { reason: expect.stringMatching(/deadline of 1000 ms/) as string } });
    expect((await build('late')).state.status).toBe('cancelled');
  });

  test.concurrent('when a folder is its head, then it is staged, and the process runner builds it', async () => {
    const project = await writeProject(join(folder, 'project'), { ran: join(folder, 'ran'), seconds: 0 });
    const { code, json } = await mill('run', 'trigger', '--runner', 'process', '--id', 'folder', '--head', project, '--meta', 'command=ls', '-o', 'json');
    expect(json).toMatchObject({ status: 'completed' });
    expect(code).toBe(0);
    const created = (await mill('history', 'run/folder', '-o', 'json')).lines[0];
    expect(created).toMatchObject({ data: { input: { head: [{ uri: expect.stringMatching(/^source:[0-9a-f]{64}$/) as string }] } } });
    expect((await mill('logs', 'run/folder')).stdout).toContain('Makefile');
  });
});

describe('given a build that runs', () => {
  test.concurrent('when it is cancelled and followed, then the verdict comes first, then its end, and exit 0 says that it is cancelled', async () => {
    expect((await trigger('c1', 'running', '--detach', '-o', 'json')).json).toEqual({ accepted: true, seq: 1, actor: 'run/c1' });
    await polled('c1', 2);
    expect(await known('c1')).toMatchObject({ status: 'running', runnerStatus: 'running', deadline: expect.any(Number) as number, ended: null });
    const { code, json } = await mill('run', 'cancel', 'c1', '--reason', 'wrong branch', '--follow', '-o', 'json');
    expect(code).toBe(0);
    expect(json).toMatchObject({ accepted: true, seq: expect.any(Number) as number, actor: 'run/c1', status: 'cancelled', output: { reason: 'wrong branch' } });
    expect((await build('c1')).state).toMatchObject({ status: 'cancelled', calls: { cancel: 1 } });
  });

  test.concurrent('when the cancel fails twice and then takes its time, then it is asked for again and awaited', async () => {
    await begun('c2', 'cancel=!503*2,slow(3);running');
    const { code } = await mill('run', 'cancel', 'run/c2', '-f');
    expect(code).toBe(0);
    expect((await build('c2')).state.calls.cancel).toBe(3);
  });

  test.concurrent('when every cancel is ignored, then it is given up at the end of the grace, and that is said', async () => {
    await begun('c3', 'cancel=ignore;running', { cancelGraceMs: 1000 });
    const { code, stdout } = await mill('run', 'cancel', 'c3', '-f');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^run\/c3 failed: .*did not confirm that the build has stopped$/m);
  });

  test.concurrent('when a webhook or a person says that there is news, then the runner is asked at once', async () => {
    await begun('hook', 'running,running@500,succeeded', { poll: { acceptedMs: 50, runningMs: 3_600_000 } });
    await polled('hook', 1);
    const { code, json } = await mill('run', 'status', 'hook', '--ask', '-o', 'json');
    expect([code, json]).toMatchObject([0, { status: 'running' }]);
    // It waited until the runner had answered, so it knows of more than the signal.
    const seen = (await millrace.history('run/hook')).slice(0, (json as RunView).seq).map(({ type }) => type);
    expect(seen.slice(seen.indexOf('signal'))).toContain('activity.completed');
    expect((await build('hook')).state.calls.status).toBe(2);
    await publish('hook', 'signal', '{"from":"ci"}');
    await eventually(async () => (await known('hook')).status === 'completed', 15_000);
    expect((await build('hook')).state.calls.status).toBe(3);
  });
});

describe('given a build at a runner that can pause', () => {
  test.concurrent('when it is stopped and started, then it stands still in between, and stale samples after the start change nothing', async () => {
    await begun('pause', 'start=stale(3);running', { poll: { acceptedMs: 50, runningMs: 50, stoppedMs: 50 } });
    await polled('pause', 1);
    expect((await mill('stop', 'run/pause', '--reason', 'lunch', '-o', 'json')).json).toMatchObject({ accepted: true });
    await eventually(async () => (await known('pause')).status === 'stopped', 15_000);
    const { stdout } = await mill('run', 'status', 'pause');
    expect(stdout).toMatch(/^run\/pause {2}stopped, [^]*^deadline {2}rests; 59 min \d+ s are left/m);
    expect((await build('pause')).state).toMatchObject({ stopped: true, generation: 1 });
    expect((await mill('start', 'run/pause', '-o', 'json')).json).toMatchObject({ accepted: true });
    await eventually(async () => stateText((await known('pause')).value).startsWith('polling'), 15_000);
    expect((await build('pause')).state).toMatchObject({ stopped: false, generation: 2, calls: { trigger: 1, cancel: 0 } });
    await millrace.send('run/pause', 'cancel');
  });

  test.concurrent('when it does not go on after a start, then it is stopped again once the grace is over, and says why', async () => {
    await begun('stuck', 'start=late;running', { startGraceMs: 500, poll: { acceptedMs: 50, runningMs: 50, stoppedMs: 50 } });
    await polled('stuck', 1);
    await millrace.send('run/stuck', 'stop');
    await eventually(async () => (await known('stuck')).status === 'stopped', 15_000);
    await millrace.send('run/stuck', 'start');
    await eventually(async () => (await millrace.history('run/stuck')).some(({ type, data }) => type === 'timer.fired' && JSON.stringify(data).includes('startGrace')), 15_000);
    expect(await known('stuck')).toMatchObject({ status: 'stopped' });
    expect((await mill('run', 'cancel', 'stuck', '-f')).code).toBe(0);
  });

  test.concurrent('when the runner cannot pause, then stop is refused and says what can be done', async () => {
    await millrace.send('run/plain', 'trigger', { runner: 'plain', head: [], cancelGraceMs: 500, poll: { acceptedMs: 100, runningMs: 100 } });
    await eventually(async () => (await known('plain')).runnerStatus === 'running', 15_000);
    const { code, json } = await mill('stop', 'run/plain', '-o', 'json');
    expect(code).toBe(3);
    expect(json).toMatchObject({ code: 'cannot_pause', reason: expect.stringContaining('cancel') as string });
    await millrace.send('run/plain', 'cancel');
  });
});

describe('given nothing but a NATS client', () => {
  test('when a run is triggered and cancelled, then it is the same run the command line sees', async () => {
    await publish('wire', 'trigger', JSON.stringify({ runner: 'scripted', head: [{ uri: 'script:running' }], poll: { acceptedMs: 50, runningMs: 50 } }));
    await polled('wire', 2);
    await publish('wire', 'cancel', '{"reason":"from afar"}');
    await eventually(async () => (await known('wire')).status === 'cancelled', 15_000);
    expect((await known('wire')).ended).toMatchObject({ reason: 'from afar' });
  });

  test('when garbage is published, then each piece is a dead letter that says what would have been right, and the run goes on', async () => {
    await begun('steady', 'running');
    const garbage: readonly (readonly [id: string, command: string, body: string, code: string])[] = [
      ['g1', 'trigger', 'not json', 'bad_json'],
      ['g2', 'trigger', '{}', 'bad_body'],
      ['g3', 'trigger', '{"runner":"scripted"}', 'bad_body'],
      ['g4', 'trigger', '{"runner":"scripted","head":["git:1"]}', 'bad_body'],
      ['g5', 'trigger', '{"runner":"scripted","head":[],"deadlineMs":-1}', 'bad_body'],
      ['g6', 'trigger', '{"runner":"scripted","head":[],"metadata":{"a":1}}', 'bad_body'],
      ['g8', 'trigger', '{"runner":"scripted","head":[],"deadlineMs":8639999900000000}', 'bad_body'],
      ['g9', 'trigger', '{"runner":"scripted","head":[],"deadline":60000}', 'bad_body'],
      ['g7', 'cancel', '{}', 'no_such_actor'],
      ['steady', 'cancel', '{"reason":7}', 'bad_body'],
      ['steady', 'frobnicate', '{}', 'command_refused'],
    ];
    for (const [id, command, body] of garbage) await publish(id, command, body);
    for (const [id, command, , code] of garbage) {
      await eventually(async () => (await deadOf(id)).some(({ subject }) => subject.endsWith(`.${command}`)), 15_000);
      const letter = (await deadOf(id)).find(({ subject }) => subject.endsWith(`.${command}`));
      expect(letter).toMatchObject({ code, reason: expect.stringMatching(/\w+ \w+/) as string });
    }
    expect(await known('steady')).toMatchObject({ status: 'running' });
    await millrace.send('run/steady', 'cancel');
  });
});

describe('given a call that is wrong', () => {
  /** The same command line, in this process. */
  const call = (args: readonly string[]): Promise<unknown> => {
    const program = addGlobals(new Command('millrace'));
    addRun(program);
    for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]) command.exitOverride().configureOutput({ writeErr: () => undefined });
    return program.parseAsync([...args, '--server', nats.url], { from: 'user' });
  };
  const onScripted = ['run', 'trigger', '--runner', 'scripted', '--id', 'wrong'];
  const wrong: readonly (readonly [story: string, args: readonly string[], code: string])[] = [
    ['no head', onScripted, 'bad_option'],
    ['a runner that is no word', ['run', 'trigger', '--runner', 'a b', '--id', 'wrong', '--head', 'git:1'], 'bad_option'],
    ['an id with a dot', ['run', 'trigger', '--runner', 'scripted', '--id', 'x.y', '--head', 'git:1'], 'bad_actor_name'],
    ['a build where a run is meant', ['run', 'status', 'build/b1'], 'bad_actor_name'],
    ['a deadline without a unit', [...onScripted, '--head', 'git:1', '--deadline', '30'], 'bad_option'],
    ['a deadline of nothing', [...onScripted, '--head', 'git:1', '--deadline', '0s'], 'bad_option'],
    ['a poll that is no duration', [...onScripted, '--head', 'git:1', '--poll-running', 'often'], 'bad_option'],
    ['metadata without a value', [...onScripted, '--head', 'git:1', '--meta', 'key'], 'bad_option'],
    ['a folder that is not there', [...onScripted, '--head', './nowhere'], 'no_such_source'],
    ['a base that is not there', [...onScripted, '--head', 'git:1', '--base', './nowhere'], 'no_such_source'],
    ['a staged source that was never staged', [...onScripted, '--head', `source:${'0'.repeat(64)}`], 'unknown_change'],
    ['a staged source that is none', [...onScripted, '--head', 'source:abc'], 'bad_change'],
    ['no such run', ['run', 'status', 'nobody'], 'no_such_actor'],
    ['a time-out that is no number', ['run', 'cancel', 'nobody', '--timeout', 'x'], 'bad_option'],
  ];
  test.each(wrong)('when it is %s, then it says so and what would have been right, and nothing was asked for', async (_story, args, code) => {
    await expect(call(args)).rejects.toMatchObject({ code, retryable: false, hint: expect.stringMatching(/\w+ \w+/) as string });
    await expect(millrace.history('run/wrong')).rejects.toMatchObject({ code: 'no_such_actor' });
  });

  test('when there is no runner, or no verb, then the exit code is 2 and the help is named', async () => {
    const [noRunner, noVerb] = await Promise.all([mill('run', 'trigger', '--head', 'git:1'), mill('run')]);
    expect([noRunner.code, noVerb.code]).toEqual([2, 2]);
    expect(noRunner.stderr).toMatch(/'--runner <name>' not specified \[bad_usage\]\n.*--help/);
  });

  test('when it cancels a run that does not exist or has ended, then it is refused with exit 3', async () => {
    await begun('over', 'succeeded');
    await ended('over');
    const [nobody, over] = await Promise.all([mill('run', 'cancel', 'nobody', '-o', 'json'), mill('run', 'cancel', 'over', '-f', '-o', 'json')]);
    expect(nobody).toMatchObject({ code: 3, json: { accepted: false, code: 'no_such_actor', allowed: ['trigger'] } });
    expect(over).toMatchObject({ code: 3, json: { accepted: false, code: 'actor_ended' } });
  });

  test('when it names a runner the worker does not have, then the run has failed, and those it has are named', async () => {
    const { code, stdout } = await mill('run', 'trigger', '--runner', 'jenkins', '--id', 'jenkins', '--head', 'git:1');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^run\/jenkins failed: .*no runner named "jenkins"; it has noop, plain, process, scripted/m);
  });
});

test('given a build that is followed, when its worker is killed in the middle of a poll and another starts, then the other goes on: one build, one poll more at most', async () => {
  const following = await beginMill(...triggerArgs('survivor', 'accepted@100*3,running@100*20,succeeded'), '-o', 'json');
  await polled('survivor', 5);
  await worker.kill();
  worker = await startScripted();
  const { code, json } = await following.ended;
  expect([code, json]).toMatchObject([0, { status: 'completed' }]);
  const { state } = await build('survivor');
  expect(state.calls).toMatchObject({ trigger: 1, cancel: 0 });
  expect(state.calls.status).toBeGreaterThanOrEqual(24);
  expect(state.calls.status).toBeLessThanOrEqual(25);
  expect(await deadOf('survivor')).toEqual([]);
});
