import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Declared, Declarer } from '../../src/machines/promise/declarer.ts';

/** One upstream, with one build that runs. */
export interface DeclarerSetup {
  readonly declarer: Declarer;
  readonly build: string;
  /** What the upstream took, in order, each once. */
  taken(): readonly { readonly exitStatus: number; readonly reason?: string }[];
  end(): Promise<void>;
  /** The upstream cannot be reached, or can again. */
  setAway(away: boolean): void;
  /** Answer while time goes on, where it does not by itself. */
  settle<T>(work: Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** What every upstream of promised failures does, real or not. */
export function declarerContract(name: string, make: () => Promise<DeclarerSetup>): void {
  describe(`a declarer: ${name}`, () => {
    let setup: DeclarerSetup;
    beforeEach(async () => { setup = await make(); });
    afterEach(() => setup.close());

    const declare = (exitStatus: number, reason?: string): Promise<Declared> => {
      const promised = { build: setup.build, exitStatus, ...(reason === undefined ? {} : { reason }) };
      return setup.settle(setup.declarer.declare(promised, `promise/b-${exitStatus}`, new AbortController().signal));
    };

    it('given a running build, when a failure is promised, then it is accepted with its reason', async () => {
      expect(await declare(1, 'two tests failed')).toEqual({ verdict: 'accepted' });
      expect(setup.taken()).toEqual([{ exitStatus: 1, reason: 'two tests failed' }]);
    });

    it('given a promise, when it is declared again, then it is accepted and nothing changes', async () => {
      await declare(1);
      expect(await declare(1)).toEqual({ verdict: 'accepted' });
      expect(setup.taken()).toEqual([{ exitStatus: 1 }]);
    });

    it('given a promise, when another status is declared, then that is refused, for good', async () => {
      await declare(1);
      expect(await declare(2)).toMatchObject({ verdict: 'refused', code: 'another_status' });
      expect(await declare(2)).toMatchObject({ verdict: 'refused', code: 'another_status' });
      expect(await declare(1)).toEqual({ verdict: 'accepted' });
      expect(setup.taken()).toEqual([{ exitStatus: 1 }]);
    });

    it('given a build that has ended, when a failure is promised, then it is refused as not running', async () => {
      await setup.end();
      expect(await declare(1)).toMatchObject({ verdict: 'refused', code: 'not_running' });
      expect(setup.taken()).toEqual([]);
    });

    it('given an upstream that is away, when a failure is promised, then the answer is later, and after that it is accepted', async () => {
      setup.setAway(true);
      const away = await setup.settle(setup.declarer.declare({ build: setup.build, exitStatus: 1 }, 'promise/b-1', new AbortController().signal).catch((error: unknown) => ({ verdict: (error as { retryable?: boolean }).retryable === true ? 'later' : 'broken' })));
      expect(away).toMatchObject({ verdict: 'later' });
      setup.setAway(false);
      expect(await declare(1)).toEqual({ verdict: 'accepted' });
      expect(setup.taken()).toEqual([{ exitStatus: 1 }]);
    });
  });
}
