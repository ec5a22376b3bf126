import { createMachine } from 'xstate';
import { describe, expect, it } from 'vitest';
import { inspectionHub } from '../../../src/adapters/inspector/hub.ts';
import { loopbackNames, refusal } from '../../../src/adapters/inspector/gate.ts';
import { replayer } from '../../../src/adapters/inspector/replay.ts';
import { chartOf } from '../../../src/projections/chart/chart.ts';
import { inspection, type InspectionMessage } from '../../../src/projections/chart/inspection.ts';
import { redactJson } from '../../../src/kernel/redact-json.ts';
import { readOnlyMachines } from '../../../src/read-only-machines.ts';
import { create, effectOf, fact, put, type Driven } from '../kernel/support/drive.ts';
import { order, zoo } from '../kernel/support/zoo.ts';

const told = ({ log }: Driven): readonly InspectionMessage[] => {
  const seen = inspection(Object.values(zoo));
  return log.flatMap((record) => seen.add(record));
};
const paying = put(create(zoo.order), 'pay', { amount: 20, note: 'password=hunter2hunter2' });

describe('what an inspector is told', () => {
  it('given an order that is paid, then it hears of the actor, and of each event and the state it led to', () => {
    const paid = fact(paying, 'activity.completed', { activity: 'charge', effect: effectOf(paying, 'activities', 'charge'), output: { receipt: 'r1' } });
    expect(told(paid).map((message) => [message.type, message.type === '@xstate.actor' ? message.name : message.event.type])).toEqual([
      ['@xstate.actor', 'order/a1'], ['@xstate.event', 'xstate.init'], ['@xstate.snapshot', 'xstate.init'],
      ['@xstate.event', 'pay'], ['@xstate.snapshot', 'pay'], ['@xstate.event', 'xstate.done.actor.charge'], ['@xstate.snapshot', 'xstate.done.actor.charge'],
    ]);
    expect(told(paid).at(-1)).toMatchObject({
      sessionId: 'order/a1', rootId: 'order/a1', createdAt: String(paid.state.at), _version: expect.stringMatching(/^0\.7/) as string,
      snapshot: { status: 'active', value: 'paid', context: { paid: true, tries: 1 } },
    });
  });

  it('given the definition it hears, when that is rebuilt, then the chart is the one of the machine', () => {
    const [actor] = told(paying);
    expect(actor?.type === '@xstate.actor' && chartOf(createMachine(JSON.parse(actor.definition) as never))).toEqual(chartOf(order));
  });

  it('given a secret in an event, then it is not told', () => {
    expect(JSON.stringify(told(paying))).not.toContain('hunter2');
    const run = readOnlyMachines().find(({ stamp }) => stamp.name === 'run') ?? expect.fail('there is no run');
    const { log } = put(create(run, { runner: 'noop', head: [] }), 'cancel', { reason: 'token=hunter2hunter2' });
    const seen = inspection([run]);
    const last = log.flatMap((record) => seen.add(record)).at(-1);
    expect(last).toMatchObject({ type: '@xstate.snapshot', snapshot: { context: { unwanted: { reason: 'token=[redacted]' } } } });
    expect(redactJson({ password: 'short', list: [{ apiKey: 12 }], token: { on: 'next' }, text: 'Authorization: Bearer abcdefghijklmnop' })).toEqual({ password: '[redacted]', list: [{ apiKey: '[redacted]' }], token: { on: 'next' }, text: 'Authorization: [redacted]' });
  });

  it('given a child, then its parent is named, and who sent its end', () => {
    const hired = put(create(zoo.boss), 'hire');
    const [effect, { actor }] = Object.entries(hired.state.children)[0] ?? expect.fail('no child');
    const child = create(zoo.boss, {}, { actor: 'boss/a1', effect: effect as never });
    expect(told(child)[0]).toMatchObject({ type: '@xstate.actor', parentId: 'boss/a1', rootId: 'boss/a1' });
    expect(told(fact(hired, 'child.completed', { child: 'unit', effect: effect as never, output: null })).at(-2)).toMatchObject({ type: '@xstate.event', sourceId: actor });
  });

  it('given records of an unknown machine, or of another definition, then they are skipped, and said once', () => {
    const skipped: string[] = [];
    const seen = inspection([zoo.player], (actor) => skipped.push(actor));
    expect(paying.log.flatMap((record) => seen.add(record))).toEqual([]);
    const changed = { ...create(zoo.player).log[0], machine: { ...zoo.player.stamp, hash: 'other' } };
    expect(seen.add(changed as never)).toEqual([]);
    expect(skipped).toEqual(['order/a1', 'player/a1']);
  });
});

describe('the hub', () => {
  it('given a listener that comes late, then it hears what there is, and then what happens', async () => {
    const hub = inspectionHub({ keep: 2 });
    const messages = told(put(paying, 'again'));
    for (const message of messages.slice(0, 5)) hub.publish(message);
    const gone = new AbortController();
    const heard: string[] = [];
    const feeding = hub.feed({ gone: gone.signal, send: async ({ id }) => { heard.push(id); if (heard.length === 5) gone.abort(); } });
    for (const message of messages.slice(5)) hub.publish(message);
    await feeding;
    expect(heard).toEqual(['order/a1#1:actor', 'order/a1#2:event', 'order/a1#2:snapshot', 'order/a1#3:event', 'order/a1#3:snapshot']);
  });

  it('given more ended actors than are kept, then the oldest of them are forgotten', async () => {
    const hub = inspectionHub({ keep: 1, keepEnded: 2 });
    const [actor, , snapshot] = told(create(zoo.order));
    for (const sessionId of ['order/1', 'order/2', 'order/3']) {
      hub.publish({ ...actor, sessionId } as InspectionMessage);
      hub.publish({ ...snapshot, sessionId, snapshot: { ...(snapshot as { snapshot: object }).snapshot, status: 'done' } } as InspectionMessage);
    }
    const gone = new AbortController();
    const heard: string[] = [];
    await hub.feed({ gone: gone.signal, send: async ({ sessionId }) => { heard.push(sessionId); if (heard.length === 4) gone.abort(); } });
    expect(heard).toEqual(['order/2', 'order/2', 'order/3', 'order/3']);
  });
});

describe('a replay', () => {
  it('given a log with pauses, then it is told at the speed asked for, and long pauses are cut', async () => {
    const messages = [1000, 1000, 3000, 999_000].map((at, i) => ({ createdAt: String(at), id: String(i) })) as unknown as InspectionMessage[];
    const story: (string | number)[] = [];
    const { signal } = new AbortController();
    await replayer(messages, { speed: 4, longestMs: 3000, wait: async (ms) => { story.push(ms); } })({ gone: signal, send: async ({ id }) => { story.push(id); } });
    expect(story).toEqual(['0', '1', 500, '2', 3000, '3']);
  });
});

describe('who may listen', () => {
  it.each([
    [{ host: 'localhost:8080' }, true], [{ host: '127.0.0.1:8080', origin: 'http://127.0.0.1:8080' }, true], [{ host: '127.0.0.1:8080', origin: 'http://localhost:8080' }, true], [{ host: '[::1]:8080' }, true],
    [{ host: '127.0.0.1:8080', origin: 'https://evil.example' }, false], [{ host: '127.0.0.1:8080', origin: 'null' }, false], [{ host: '127.0.0.1:8080', origin: 'http://localhost:9999' }, false],
    [{ host: 'rebound.example:8080' }, false], [{ host: 'localhost:80' }, false], [{}, false],
  ])('given the headers %j, then let in: %s', (headers, isIn) => {
    expect(refusal({ headers }, loopbackNames(8080)) === undefined).toBe(isIn);
  });
});
