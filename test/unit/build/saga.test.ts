import { createMachine } from 'xstate';
import { describe, expect, test } from 'vitest';
import { defineMachine } from '../../../src/kernel/define.ts';
import { TerminalError } from '../../../src/kernel/errors.ts';
import type { JsonObject } from '../../../src/kernel/json.ts';
import { outputOf } from '../../../src/kernel/status.ts';
import { buildDefinition } from '../../../src/machines/build/definition.ts';
import { makeWorld } from '../../support/world.ts';
import { artifact } from './support/play.ts';
import { fakeWorld, type World } from './support/world.ts';

const [good, aimless, idle] = ['1'.repeat(64), '2'.repeat(64), '3'.repeat(64)] as const;
const sources: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [good]: { Makefile: '', Procfile: 'web: ./server\n', 'millrace.toml': '[addons]\ncache = "kv"\n' },
  [aimless]: { 'notes.txt': '' },
  [idle]: { Makefile: '' },
};

/** A runner's whole work in one moment: a build for the app `broken` fails. */
const run = defineMachine({
  version: '1',
  machine: createMachine({
    id: 'run', initial: 'done', context: ({ input }: { input: unknown }) => ({ asked: input }), states: { done: { type: 'final' } },
    output: ({ context }) => (JSON.stringify(context).includes('"app":"broken"')
      ? { status: 'failed', metadata: { exitCode: '2' }, infrastructure: false }
      : { status: 'succeeded', metadata: { artifact, durationMs: '5' }, infrastructure: false }),
  }),
});

/** Triggers a build on a host in memory, and waits for its end. */
async function trigger(there: World, input: JsonObject, id = 'b1') {
  const host = makeWorld([buildDefinition({ ports: there.ports, run }), run]);
  const running = await host.host();
  await host.send(`build/${id}`, 'trigger', input);
  await host.clock.runUntil(() => host.ended(`build/${id}`));
  const ended = { status: host.status(`build/${id}`), said: outputOf(host.state(`build/${id}`)), log: JSON.stringify(host.records(`build/${id}`)) };
  await running.host.stop();
  return ended;
}

const failing = (there: World, effect: string): void => {
  there.hook = (when, index) => {
    if (when === 'after' && there.effects[index]?.startsWith(effect)) throw new TerminalError('broken_world', effect);
  };
};

describe('given a host with the build machine', () => {
  test('when a build is triggered, then it completes, and its output and log hold what people need and no secret', async () => {
    const there = fakeWorld(sources);
    const { status, said, log } = await trigger(there, { app: 'shop', source: good });
    expect(status).toBe('completed');
    expect(said).toMatchObject({
      status: 'completed', warnings: [],
      output: { app: 'shop', version: 'v1', artifact, location: '/releases/shop/current', addons: [{ name: 'cache', kind: 'kv', created: true, env: ['CACHE_BUCKET'] }] },
    });
    expect(log).not.toContain('hidden-value');
    expect(there.picture()).toMatchObject({ workspaces: [], apps: [['shop', [['v1', artifact]], 'v1']] });
  });

  test('when it is ephemeral, then its output says until when instead of where', async () => {
    const { said } = await trigger(fakeWorld(sources), { app: 'shop', source: good, label: 'pr-1' });
    expect(said).toMatchObject({ output: { version: 'v1', addons: [], ephemeralExpiresAt: 1_800_086_400_000 } });
    expect(JSON.stringify(said)).not.toContain('location');
  });

  const shop = { app: 'shop', source: good };
  test.each<[string, JsonObject, ((there: World) => unknown) | undefined, string]>([
    ['receive-source', { ...shop, source: '9'.repeat(64) }, undefined, 'unknown_blob'],
    ['load-source', { ...shop, source: aimless }, undefined, 'no_stack'],
    ['next-version', shop, (there) => { failing(there, 'create app'); }, 'broken_world'],
    ['build-artifact', { ...shop, app: 'broken' }, undefined, 'build_failed'],
    ['prepare-config', { ...shop, source: idle }, undefined, 'no_service'],
    ['handle-ephemeral', { ...shop, label: 'no blanks' }, undefined, 'bad_label'],
    ['create-config-version', shop, (there) => { failing(there, 'create config'); }, 'broken_world'],
    ['create-version', shop, (there) => { failing(there, 'create version'); }, 'broken_world'],
    ['provision-addons', shop, (there) => { failing(there, 'provision'); }, 'broken_world'],
    ['set-active-version', shop, (there) => { failing(there, 'activate'); }, 'broken_world'],
  ])('when it fails at %s, then all is undone and the world is as before', async (_step, input, prepare, code) => {
    const there = fakeWorld(sources);
    const before = there.picture();
    prepare?.(there);
    const { status, said } = await trigger(there, input);
    expect(status).toBe('failed');
    expect(said).toMatchObject({ error: { code } });
    expect(there.picture()).toEqual(before);
  });

  test('when the tidying up at the end fails, then the version stays active and the build is completed, with a warning', async () => {
    const there = fakeWorld(sources);
    failing(there, 'workspace.remove');
    const { status, said } = await trigger(there, shop);
    expect(status).toBe('completed');
    expect(said).toMatchObject({ warnings: [{ step: 'finalize', error: { code: 'broken_world' } }] });
    expect(await there.ports.deployer.active('shop')).toBe('v1');
  });
});
