import type { Declarer } from '../../machines/promise/declarer.ts';

/**
 * One after the other: the first one decides between promises, the next ones hear of those it accepted. What is not
 * an acceptance ends the turn; the next attempt begins with the first again, for whom it changes nothing.
 */
export const inTurn = (...declarers: readonly Declarer[]): Declarer => ({
  name: declarers.map(({ name }) => name).join(', then '),
  async declare(promised, key, signal) {
    for (const declarer of declarers) {
      const declared = await declarer.declare(promised, key, signal);
      if (declared.verdict !== 'accepted') return declared;
    }
    return { verdict: 'accepted' };
  },
});
