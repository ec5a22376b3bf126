import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { stateText } from '../../src/kernel/state-text.ts';
import { addRun } from '../../src/cli/commands/run.ts';
import { addGlobals } from '../../src/cli/globals.ts';
import type { RunView } from '../../src/projections/run.ts';
import { eventually } from '../support/broker.ts';
import { openRunMill, type RunMill } from '../support/run-mill.ts';

// Many real processes, on machines that may be busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

let mill: RunMill;
beforeAll(async () => { mill = await openRunMill(); });
afterAll(() => mill.end());

describe('given a build that runs', () => {
  test.concurrent('when it is cancelled and followed, then the verdict comes first, then its end, and exit 0 says that it is cancelled', async () => {
    expect((await mill.trigger('c1', 'running', '--detach', '-o', 'json')).json).toEqual({ accepted: true, seq: 1, actor: 'run/c1' });
    await mill.polled('c1', 2);
    expect(await mill.known('c1')).toMatchObject({ status: 'running', runnerStatus: 'running', deadline: expect.any(Number) as number, ended: null });
    const { code, json } = await mill.cli('run', 'cancel', 'c1', '--reason', 'wrong branch', '--follow', '-o', 'json');
    expect(code).toBe(0);
    expect(json).toMatchObject({ accepted: true, seq: expect.any(Number) as number, actor: 'run/c1', status: 'cancelled', output: { reason: 'wrong branch' } });
    expect((await mill.build('c1')).state).toMatchObject({ status: 'cancelled', calls: { cancel: 1 } });
  });

  test.concurrent('when the cancel fails twice and then takes its time, then it is asked for again and awaited', async () => {
    await mill.begun('c2', 'cancel=!503*2,slow(3);running');
    const { code } = await mill.cli('run', 'cancel', 'run/c2', '-f');
    expect(code).toBe(0);
    expect((await mill.build('c2')).state.calls.cancel).toBe(3);
  });

  test.concurrent('when every cancel is ignored, then it is given up at the end of the grace, and that is said', async () => {
    await mill.begun('c3', 'cancel=ignore;running', { cancelGraceMs: 1000 });
    const { code, stdout } = await mill.cli('run', 'cancel', 'c3', '-f');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^run\/c3 failed: .*did not confirm that the build has stopped$/m);
  });

  test.concurrent('when a webhook or a person says that there is news, then the runner is asked at once', async () => {
    await mill.begun('hook', 'running,running@500,succeeded', { poll: { acceptedMs: 50, runningMs: 3_600_000 } });
    await mill.polled('hook', 1);
    const { code, json } = await mill.cli('run', 'status', 'hook', '--ask', '-o', 'json');
    expect([code, json]).toMatchObject([0, { status: 'running' }]);
    // It waited until the runner had answered, so it knows of more than the signal.
    const seen = (await mill.millrace.history('run/hook')).slice(0, (json as RunView).seq).map(({ type }) => type);
    expect(seen.slice(seen.indexOf('signal'))).toContain('activity.completed');
    expect((await mill.build('hook')).state.calls.status).toBe(2);
    await mill.publish('hook', 'signal', '{"from":"ci"}');
    await eventually(async () => (await mill.known('hook')).status === 'completed', 15_000);
    expect((await mill.build('hook')).state.calls.status).toBe(3);
  });
});

describe('given a build at a runner that can pause', () => {
  test.concurrent('when it is stopped and started, then it stands still in between, and stale samples after the start change nothing', async () => {
    await mill.begun('pause', 'start=stale(3);running', { poll: { acceptedMs: 50, runningMs: 50, stoppedMs: 50 } });
    await mill.polled('pause', 1);
    expect((await mill.cli('stop', 'run/pause', '--reason', 'lunch', '-o', 'json')).json).toMatchObject({ accepted: true });
    await eventually(async () => (await mill.known('pause')).status === 'stopped', 15_000);
    const { stdout } = await mill.cli('run', 'status', 'pause');
    expect(stdout).toMatch(/^run\/pause {2}stopped, [^]*^deadline {2}rests; 59 min \d+ s are left/m);
    expect((await mill.build('pause')).state).toMatchObject({ stopped: true, generation: 1 });
    expect((await mill.cli('start', 'run/pause', '-o', 'json')).json).toMatchObject({ accepted: true });
    await eventually(async () => stateText((await mill.known('pause')).value).startsWith('polling'), 15_000);
    expect((await mill.build('pause')).state).toMatchObject({ stopped: false, generation: 2, calls: { trigger: 1, cancel: 0 } });
    await mill.millrace.send('run/pause', 'cancel');
  });

  test.concurrent('when it does not go on after a start, then it is stopped again once the grace is over, and says why', async () => {
    await mill.begun('stuck', 'start=late;running', { startGraceMs: 500, poll: { acceptedMs: 50, runningMs: 50, stoppedMs: 50 } });
    await mill.polled('stuck', 1);
    await mill.millrace.send('run/stuck', 'stop');
    await eventually(async () => (await mill.known('stuck')).status === 'stopped', 15_000);
    await mill.millrace.send('run/stuck', 'start');
    await eventually(async () => (await mill.millrace.history('run/stuck')).some(({ type, data }) => type === 'timer.fired' && JSON.stringify(data).includes('startGrace')), 15_000);
    expect(await mill.known('stuck')).toMatchObject({ status: 'stopped' });
    expect((await mill.cli('run', 'cancel', 'stuck', '-f')).code).toBe(0);
  });

  test.concurrent('when the runner cannot pause, then stop is refused and says what can be done', async () => {
    await mill.millrace.send('run/plain', 'trigger', { runner: 'plain', head: [], cancelGraceMs: 500, poll: { acceptedMs: 100, runningMs: 100 } });
    await eventually(async () => (await mill.known('plain')).runnerStatus === 'running', 15_000);
    const { code, json } = await mill.cli('stop', 'run/plain', '-o', 'json');
    expect(code).toBe(3);
    expect(json).toMatchObject({ code: 'cannot_pause', reason: expect.stringContaining('cancel') as string });
    await mill.millrace.send('run/plain', 'cancel');
  });
});

describe('given nothing but a NATS client', () => {
  test('when a run is triggered and cancelled, then it is the same run the command line sees', async () => {
    await mill.publish('wire', 'trigger', JSON.stringify({ runner: 'scripted', head: [{ uri: 'script:running' }], poll: { acceptedMs: 50, runningMs: 50 } }));
    await mill.polled('wire', 2);
    await mill.publish('wire', 'cancel', '{"reason":"from afar"}');
    await eventually(async () => (await mill.known('wire')).status === 'cancelled', 15_000);
    expect((await mill.known('wire')).ended).toMatchObject({ reason: 'from afar' });
  });

  test('when garbage is published, then each piece is a dead letter that says what would have been right, and the run goes on', async () => {
    await mill.begun('steady', 'running');
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
    for (const [id, command, body] of garbage) await mill.publish(id, command, body);
    for (const [id, command, , code] of garbage) {
      await eventually(async () => (await mill.deadOf(id)).some(({ subject }) => subject.endsWith(`.${command}`)), 15_000);
      const letter = (await mill.deadOf(id)).find(({ subject }) => subject.endsWith(`.${command}`));
      expect(letter).toMatchObject({ code, reason: expect.stringMatching(/\w+ \w+/) as string });
    }
    expect(await mill.known('steady')).toMatchObject({ status: 'running' });
    await mill.millrace.send('run/steady', 'cancel');
  });
});

describe('given a call that is wrong', () => {
  /** The same command line, in this process. */
  const call = (args: readonly string[]): Promise<unknown> => {
    const program = addGlobals(new Command('millrace'));
    addRun(program);
    for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]) command.exitOverride().configureOutput({ writeErr: () => undefined });
    return program.parseAsync([...args, '--server', mill.url], { from: 'user' });
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
    await expect(mill.millrace.history('run/wrong')).rejects.toMatchObject({ code: 'no_such_actor' });
  });

  test('when there is no runner, or no verb, then the exit code is 2 and the help is named', async () => {
    const [noRunner, noVerb] = await Promise.all([mill.cli('run', 'trigger', '--head', 'git:1'), mill.cli('run')]);
    expect([noRunner.code, noVerb.code]).toEqual([2, 2]);
    expect(noRunner.stderr).toMatch(/'--runner <name>' not specified \[bad_usage\]\n.*--help/);
  });

  test('when it cancels a run that does not exist or has ended, then it is refused with exit 3', async () => {
    await mill.begun('over', 'succeeded');
    await mill.ended('over');
    const [nobody, over] = await Promise.all([mill.cli('run', 'cancel', 'nobody', '-o', 'json'), mill.cli('run', 'cancel', 'over', '-f', '-o', 'json')]);
    expect(nobody).toMatchObject({ code: 3, json: { accepted: false, code: 'no_such_actor', allowed: ['trigger'] } });
    expect(over).toMatchObject({ code: 3, json: { accepted: false, code: 'actor_ended' } });
  });

  test('when it names a runner the worker does not have, then the run has failed, and those it has are named', async () => {
    const { code, stdout } = await mill.cli('run', 'trigger', '--runner', 'jenkins', '--id', 'jenkins', '--head', 'git:1');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^run\/jenkins failed: .*no runner named "jenkins"; it has noop, plain, process, scripted/m);
  });
});
