import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { committer, type CommitterOptions, type Ways } from '../../../src/adapters/nats/group-commit/committer.ts';
import type { Outgoing } from '../../../src/adapters/nats/group-commit/wire.ts';

const options: CommitterOptions = { inFlight: 2, batchSize: 4, batchMin: 2, batchBytes: 10_000, waiting: 100 };
const append = (id: string, bytes = 10): Outgoing => ({ actor: `order/${id}`, subject: `evt.order.${id}`, headers: [], body: new Uint8Array(bytes), after: 0 });

/** Ways whose answers the test gives: `answer()` the oldest open one. */
function scripted(over: Partial<CommitterOptions> = {}, maxPayload = 5000) {
  const sent: string[] = [];
  const open: { resolve: () => void; reject: (cause: unknown) => void }[] = [];
  const leave = (label: string): Promise<void> => new Promise((resolve, reject) => {
    sent.push(label);
    open.push({ resolve, reject });
  });
  const id = (each: Outgoing): string => each.actor.slice(6);
  const ways: Ways<Outgoing> = {
    one: async (each, doubt) => { await leave(doubt ? `${id(each)}?` : id(each)); return 1; },
    many: async (each) => { await leave(each.map(id).join('+')); return each.map((_, index) => 10 + index); },
    mayBeStored: (cause) => cause === 'lost',
    maxPayload: () => maxPayload,
  };
  const commits = committer(ways, { ...options, ...over });
  return { sent, open, commits, answer: async (cause?: string) => {
    const oldest = open.shift();
    if (cause === undefined) oldest?.resolve();
    else oldest?.reject(cause);
    await turn();
    await turn();
  } };
}

describe('group commit', () => {
  it('given nothing under way, when one append comes, then it leaves at once, alone', async () => {
    const { sent, commits, answer } = scripted();
    const done = commits.submit(append('a'));
    await turn();
    expect(sent).toEqual(['a']);
    await answer();
    expect(await done).toBe(1);
  });

  it('given appends ready in the same moment, when they leave, then they are one batch and each gets its own position', async () => {
    const { sent, commits, answer } = scripted();
    const done = Promise.all(['a', 'b', 'c'].map((id) => commits.submit(append(id))));
    await turn();
    expect(sent).toEqual(['a+b+c']);
    await answer();
    expect(await done).toEqual([10, 11, 12]);
  });

  it('given enough in flight, when more becomes ready, then it gathers and leaves when an answer comes', async () => {
    const { sent, commits, answer } = scripted();
    for (const id of ['a', 'b']) { void commits.submit(append(id)); await turn(); }
    for (const id of ['c', 'd', 'e']) { void commits.submit(append(id)); await turn(); }
    expect(sent).toEqual(['a', 'b']);
    await answer();
    expect(sent).toEqual(['a', 'b', 'c+d+e']);
  });

  it('given two appends of one actor and too many for a batch, when they leave, then a batch has one per actor and keeps its bounds', async () => {
    const { sent, commits } = scripted();
    for (const id of ['a', 'a', 'b', 'c', 'd', 'e']) void commits.submit(append(id));
    await turn();
    expect(sent).toEqual(['a+b+c+d', 'a+e']);
  });

  it('given big appends, when they leave, then no batch has too many bytes, and one near the payload limit goes alone', async () => {
    const { sent, commits } = scripted({ inFlight: 9 });
    for (const [id, bytes] of [['a', 4000], ['b', 4000], ['c', 4000], ['huge', 4900], ['d', 10]] as const) void commits.submit(append(id, bytes));
    await turn();
    expect(sent).toEqual(['a+b+d', 'c', 'huge']);
  });

  it('given a group that is too small for a batch to pay, when it leaves, then its appends go one by one, in one go', async () => {
    const { sent, commits } = scripted({ batchMin: 3, inFlight: 1 });
    for (const id of ['a', 'b']) void commits.submit(append(id));
    await turn();
    expect(sent).toEqual(['a', 'b']);
  });

  it('given a batch that the server refuses, when it fails, then every append goes out alone and only its own answer counts', async () => {
    const { sent, commits, answer } = scripted();
    const done = Promise.allSettled(['a', 'b', 'c'].map((id) => commits.submit(append(id))));
    await turn();
    await answer('conflict');
    expect(sent).toEqual(['a+b+c', 'a', 'b', 'c']);
    await answer();
    await answer('stale');
    await answer();
    expect((await done).map((each) => each.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('given a batch whose answer is lost, when it is settled, then every append knows that it may be stored', async () => {
    const { sent, commits, answer } = scripted();
    for (const id of ['a', 'b']) void commits.submit(append(id));
    await turn();
    await answer('lost');
    expect(sent).toEqual(['a+b', 'a?', 'b?']);
  });

  it('given as many appends as are admitted, when another comes, then it waits outside until one is answered', async () => {
    const { sent, commits, answer } = scripted({ waiting: 2, inFlight: 9 });
    for (const id of ['a', 'b', 'c']) { void commits.submit(append(id)); await turn(); }
    expect(sent).toEqual(['a', 'b']);
    await answer();
    expect(sent).toEqual(['a', 'b', 'c']);
  });

  it('given appends under way, when idle is awaited, then it comes after the last answer', async () => {
    const { commits, answer } = scripted();
    await commits.idle();
    let idle = false;
    void commits.submit(append('a'));
    void (async () => { await commits.idle(); idle = true; })();
    await turn();
    expect(idle).toBe(false);
    await answer();
    expect(idle).toBe(true);
  });
});
