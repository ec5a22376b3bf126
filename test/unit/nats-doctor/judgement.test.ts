import { describe, expect, it } from 'vitest';
import { syncsAlways } from '../../../src/adapters/nats/doctor/own-server.ts';
import { judgeReplicas } from '../../../src/adapters/nats/doctor/replicas.ts';
import { judgeDisk } from '../../../src/adapters/nats/doctor/space.ts';
import { judgeSync } from '../../../src/adapters/nats/doctor/sync.ts';
import { judgeVersion } from '../../../src/adapters/nats/doctor/version.ts';

describe('what the doctor makes of', () => {
  const stream = (replicas: number, cluster?: object): Parameters<typeof judgeReplicas>[0][number] =>
    ({ config: { name: 'EV', num_replicas: replicas }, ...(cluster === undefined ? {} : { cluster }) }) as Parameters<typeof judgeReplicas>[0][number];
  const peer = (name: string, more: object = {}): object => ({ name, current: true, active: 0, ...more });

  it.each([
    ['one replica on one server', stream(1), false, 'ok', /one replica/],
    ['one replica in a cluster', stream(1), true, 'warning', /EV\. With its server it is gone/],
    ['two replicas', stream(2), true, 'problem', /even number.*EV/],
    ['three replicas', stream(3, { name: 'c', leader: 'n1', replicas: [peer('n2'), peer('n3')] }), true, 'ok', /enough/],
    ['a replica that is offline', stream(3, { name: 'c', leader: 'n1', replicas: [peer('n2', { current: false, offline: true }), peer('n3')] }), true, 'problem', /offline: EV on n2\./],
    ['a replica that is behind', stream(3, { name: 'c', leader: 'n1', replicas: [peer('n2', { current: false }), peer('n3')] }), true, 'warning', /behind.*EV on n2\./],
    ['a stream without a leader', stream(3, { name: 'c', replicas: [] }), true, 'problem', /No leader: EV/],
  ])('%s', (_, info, clustered, level, detail) => {
    expect(judgeReplicas([info], clustered)).toMatchObject({ level, detail: expect.stringMatching(detail) as string });
  });

  it.each([['2.13.0', 'problem'], ['2.14.2', 'warning'], ['2.15.1', 'ok']])('nats-server %s: %s', (version, level) => {
    expect(judgeVersion(version).level).toBe(level);
  });

  it.each([[5e8, 'problem'], [3e9, 'warning'], [2e11, 'ok']])('%d free bytes: %s', (free, level) => {
    expect(judgeDisk(free).level).toBe(level);
  });

  it.each([
    ['jetstream { sync_interval: always }', true], ['jetstream {\n  sync = "always"\n}', true], ['jetstream { sync_interval always }', true],
    ['jetstream {\n # sync_interval: always\n}', false], ['jetstream { sync_interval: 10s }', false], ['jetstream {}', false],
  ])('the configuration %j', (text, always) => {
    expect(syncsAlways(text)).toBe(always);
  });

  it('servers of which one syncs now and then, when it holds no stream and when it does', () => {
    const facts = (name: string, syncAlways: boolean): Parameters<typeof judgeSync>[0][number] => ({ id: name, name, jetstream: { syncAlways, syncMs: 120_000, stored: 0, room: 0 } });
    expect(judgeSync([facts('a', true), facts('b', false)], ['a']).level).toBe('warning');
    expect(judgeSync([facts('a', true), facts('b', false)], ['a', 'b']).level).toBe('problem');
    expect(judgeSync([facts('a', true)], ['a', 'b'])).toMatchObject({ level: 'unknown', detail: expect.stringMatching(/^unknown for b:/) as string });
    expect(judgeSync([facts('a', true), facts('b', true)], ['a', 'b']).level).toBe('ok');
  });
});
