import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { writeProject } from '../support/build/source.ts';
import { openRunMill, type RunMill } from '../support/run-mill.ts';

// Many real processes, on machines that may be busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

let mill: RunMill;
beforeAll(async () => { mill = await openRunMill(); });
afterAll(() => mill.end());

describe('given a build at a runner', () => {
  test.concurrent('when it succeeds, then its output is told, and the last line is the verdict and the end', async () => {
    const { code, lines, json } = await mill.trigger('good', 'accepted*2,running(40 compiling)*3,succeeded', '--meta', 'url=https://ci/1', '-o', 'json');
    expect(code).toBe(0);
    expect(Object.keys(json as object)).toEqual(['accepted', 'seq', 'actor', 'status', 'output']);
    expect(json).toMatchObject({ accepted: true, seq: 1, actor: 'run/good', status: 'completed', output: { status: 'succeeded', metadata: { url: 'https://ci/1' } } });
    expect(lines).toContainEqual(expect.objectContaining({ source: 'scripted', text: 'compiling' }));
    expect((await mill.cli('logs', 'run/good')).stdout).toMatch(/^scripted +compiling\n$/);
    expect((await mill.cli('run', 'status', 'good', '-o', 'json')).json).toMatchObject({ actor: 'run/good', status: 'completed', runner: 'scripted', buildId: expect.stringMatching(/^[0-9a-f]{32}$/) as string, url: 'https://ci/1', failures: 0, lastFailure: null, deadline: null, ended: { status: 'succeeded' } });
    expect((await mill.build('good')).state.calls).toMatchObject({ trigger: 1, status: 6, cancel: 0 });
  });

  test.concurrent('when it says how far it is, then who follows it is told, and who follows the build whose run it is', async () => {
    const source = await writeProject(join(mill.folder, 'telling'), { ran: join(mill.folder, 'ran') });
    const followers = await Promise.all([
      mill.begin('run', 'trigger', '--runner', 'telling', '--id', 'telling', '--head', 'git:1', '--poll-accepted', '50ms', '--poll-running', '50ms', '-o', 'json'),
      mill.begin('build', source, '--app', 'telling', '--runner', 'telling', '-o', 'json'),
    ]);
    // Progress is not kept for who comes later: the builds go on until both have heard of it.
    for (const follower of followers) await follower.sees('"percent":40', 60_000);
    await writeFile(join(mill.folder, 'told'), '');
    for (const { code, lines } of await Promise.all(followers.map(({ ended }) => ended))) {
      expect(code).toBe(1);
      expect(lines).toContainEqual({ progress: { message: 'compiling', percent: 40 } });
    }
  });

  test.concurrent('when it is told in text, then polls that say nothing new are left out, and asking again under the same id tells the same run', async () => {
    const first = await mill.trigger('text', 'accepted*2,running*4,succeeded');
    const again = await mill.trigger('text', 'accepted*2,running*4,succeeded');
    expect([first.code, again.code]).toEqual([0, 0]);
    expect(first.stdout.match(/the runner says running/g)).toHaveLength(1);
    expect(first.stdout).not.toContain('timer');
    expect(first.stdout).toMatch(/^run\/text completed\n {2}build [0-9a-f]{32}\n$/m);
    expect(again.stdout).toBe(first.stdout);
    expect((await mill.build('text')).state.calls.trigger).toBe(1);
    expect(await mill.trigger('text', 'running', '-o', 'json')).toMatchObject({ code: 3, json: { accepted: false, code: 'already_exists' } });
  });

  test.concurrent('when it fails and the base is to blame, then that is said, and the exit code is 1', async () => {
    const { code, stdout } = await mill.trigger('base', 'running,failed(base)');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^run\/base failed: .+\n {2}the base fails already, which was assumed good; the head was not judged$/m);
    expect((await mill.known('base')).ended).toMatchObject({ status: 'failed', infrastructure: false, metadata: { failedSide: 'base' } });
  });

  test.concurrent('when the backend answers 502 twice and then again as it should, then the build goes on and nothing is dead', async () => {
    await mill.begun('bad-gateway', 'accepted,!502*2,running,succeeded');
    expect(await mill.ended('bad-gateway')).toMatchObject({ status: 'completed', failures: 0, lastFailure: { code: 'http_502', call: expect.any(String) as string } });
    expect(await mill.deadOf('bad-gateway')).toEqual([]);
  });

  test.concurrent('when its start is answered 502 although it began, then it is taken up again: one build', async () => {
    await mill.begun('lost', 'trigger=lost*2,ok;running,succeeded');
    expect(await mill.ended('lost')).toMatchObject({ status: 'completed' });
    expect((await mill.build('lost')).state.calls.trigger).toBe(3);
  });

  test.concurrent('when the backend does not know it any more, then it has failed with that reason, and not by its author', async () => {
    await mill.begun('gone', 'accepted,running,!404', { cancelGraceMs: 2000 });
    expect(await mill.ended('gone')).toMatchObject({ status: 'failed', ended: { infrastructure: true, reason: expect.stringContaining('has no build') as string } });
  });

  test.concurrent('when it is cancelled behind our back, then it has ended cancelled, and the reason says by whom', async () => {
    await mill.begun('behind', 'running,cancelled');
    expect(await mill.ended('behind')).toMatchObject({ status: 'cancelled', ended: { reason: expect.stringContaining('not by Millrace') as string } });
    expect((await mill.build('behind')).state.calls.cancel).toBe(0);
  });

  test.concurrent('when it takes longer than its deadline, then it is cancelled and has failed with that reason', async () => {
    const { code, json } = await mill.trigger('late', 'running', '--deadline', '1s', '-o', 'json');
    expect(code).toBe(1);
    expect(json).toMatchObject({ status: 'failed', output: { reason: expect.stringMatching(/deadline of 1000 ms/) as string } });
    expect((await mill.build('late')).state.status).toBe('cancelled');
  });

  test.concurrent('when a folder is its head, then it is staged, and the process runner builds it', async () => {
    const project = await writeProject(join(mill.folder, 'project'), { ran: join(mill.folder, 'ran'), seconds: 0 });
    const { code, json } = await mill.cli('run', 'trigger', '--runner', 'process', '--id', 'folder', '--head', project, '--meta', 'command=ls', '-o', 'json');
    expect(json).toMatchObject({ status: 'completed' });
    expect(code).toBe(0);
    const created = (await mill.cli('history', 'run/folder', '-o', 'json')).lines[0];
    expect(created).toMatchObject({ data: { input: { head: [{ uri: expect.stringMatching(/^source:[0-9a-f]{64}$/) as string }] } } });
    expect((await mill.cli('logs', 'run/folder')).stdout).toContain('Makefile');
  });
});

test('given a build that is followed, when its worker is killed in the middle of a poll and another starts, then the other goes on: one build, one poll more at most', async () => {
  const following = await mill.beginTrigger('survivor', 'accepted@100*3,running@100*20,succeeded', '-o', 'json');
  await mill.polled('survivor', 5);
  await mill.replaceWorker();
  const { code, json } = await following.ended;
  expect([code, json]).toMatchObject([0, { status: 'completed' }]);
  const { state } = await mill.build('survivor');
  expect(state.calls).toMatchObject({ trigger: 1, cancel: 0 });
  expect(state.calls.status).toBeGreaterThanOrEqual(24);
  expect(state.calls.status).toBeLessThanOrEqual(25);
  expect(await mill.deadOf('survivor')).toEqual([]);
});
