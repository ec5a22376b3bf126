import { describe, expect, it } from 'vitest';
import { keepCrew, type Member } from '../../../src/cli/crew/crew.ts';
import { silentLogger } from '../../../src/runtime/logger.ts';
import { virtualClock } from '../../support/fake/clock.ts';

interface Actor extends Member {
  ready_(): void;
  dies(code?: number): void;
  readonly told: string[];
}

/** A process that does as the test says. `obeys`: it ends when it is asked to. */
function member(obeys: boolean): Actor {
  let ready_ = (): void => undefined;
  let dies = (_code?: number): void => undefined;
  const told: string[] = [];
  const ready = new Promise<void>((resolve) => { ready_ = resolve; });
  const gone = new Promise<number | undefined>((resolve) => { dies = resolve; });
  return {
    pid: 1, ready, gone, told, ready_: () => ready_(), dies: (code) => dies(code),
    end: () => { told.push('end'); if (obeys) dies(0); },
    kill: () => { told.push('kill'); dies(); },
  };
}

function crewOf(size: number, { obeys = true } = {}) {
  const clock = virtualClock();
  const started: Actor[] = [];
  const interrupted = new AbortController();
  const start = (): Actor => {
    const one = member(obeys);
    started.push(one);
    return one;
  };
  const ended = keepCrew({ size, start, clock, logger: silentLogger }, interrupted.signal);
  return { clock, started, interrupted, ended, last: () => started.at(-1) };
}

describe('a crew of worker processes', () => {
  it('given a first process that is not ready yet, then the others wait for it; ready, then all are there', async () => {
    const { clock, started } = crewOf(3);
    await clock.advance(5_000);
    expect(started).toHaveLength(1);
    started[0]?.ready_();
    await clock.settle();
    expect(started).toHaveLength(3);
  });

  it('given a process that is killed, then another takes its place, and the others are left alone', async () => {
    const { clock, started } = crewOf(2);
    started[0]?.ready_();
    await clock.settle();
    started[1]?.dies();
    await clock.advance(300);
    expect(started).toHaveLength(3);
    expect(started[0]?.told).toEqual([]);
  });

  it('given a process that dies again and again, then it is started anew ever later, at most every ten seconds, and at once again after it went well', async () => {
    const { clock, started, last } = crewOf(1);
    started[0]?.ready_();
    await clock.settle();
    const waits: number[] = [];
    const dieAndCount = async (): Promise<void> => {
      const [before, at] = [started.length, clock.now()];
      last()?.dies(1);
      await clock.settle();
      await clock.runUntil(() => started.length > before);
      waits.push(clock.now() - at);
    };
    for (let death = 0; death < 8; death++) await dieAndCount();
    expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
    last()?.ready_();
    await clock.advance(11_000);
    await dieAndCount();
    expect(waits.at(-1)).toBe(250);
  });

  it('given a first process that cannot start, then no other is tried and its exit code is everybody\'s', async () => {
    const { started, ended } = crewOf(4);
    started[0]?.dies(2);
    expect(await ended).toBe(2);
    expect(started).toHaveLength(1);
  });

  it('given an interrupt, then all are asked to end, none is started anew, and it is over when the last one is gone', async () => {
    const { clock, started, interrupted, ended } = crewOf(2);
    started[0]?.ready_();
    await clock.settle();
    interrupted.abort();
    expect(await ended).toBe(0);
    await clock.advance(20_000);
    expect(started.map(({ told }) => told)).toEqual([['end'], ['end']]);
  });

  it('given an interrupt while one waits to be started anew, then it is not started', async () => {
    const { clock, started, interrupted, ended } = crewOf(1);
    started[0]?.ready_();
    await clock.settle();
    started[0]?.dies(1);
    await clock.settle();
    interrupted.abort();
    expect(await ended).toBe(0);
    expect(started).toHaveLength(1);
  });

  it('given a process that does not end when asked to, then it is killed', async () => {
    const { clock, started, interrupted, ended } = crewOf(1, { obeys: false });
    started[0]?.ready_();
    await clock.settle();
    interrupted.abort();
    await clock.advance(19_000);
    expect(started[0]?.told).toEqual(['end']);
    await clock.advance(2_000);
    expect(started[0]?.told).toEqual(['end', 'kill']);
    expect(await ended).toBe(0);
  });
});
