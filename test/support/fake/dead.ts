import { retryOf, unknownLetter } from '../../../src/adapters/nats/letter.ts';
import type { DeadLetter, DeadLetters } from '../../../src/runtime/ports/dead.ts';
import type { FakeQueue } from './queue.ts';

/** Dead letters in memory; a retry goes to `queue`. */
export function fakeDeadLetters(queue: Pick<FakeQueue, 'publish'>): DeadLetters {
  const letters = new Map<string, DeadLetter>();
  const known = (id: string): DeadLetter => {
    const letter = letters.get(id);
    if (letter === undefined) throw unknownLetter(id);
    return letter;
  };
  return {
    async put(letter) {
      await Promise.resolve();
      if (!letters.has(letter.id)) letters.set(letter.id, structuredClone(letter));
    },
    async list() {
      await Promise.resolve();
      return [...letters.values()];
    },
    async get(id) {
      await Promise.resolve();
      return letters.get(id);
    },
    async retry(id) {
      const { subject, body, headers } = retryOf(known(id));
      await queue.publish(subject, body, headers);
      letters.delete(id);
    },
    async drop(id) {
      await Promise.resolve();
      letters.delete(known(id).id);
    },
  };
}
