import { decodeLetter, encodeLetter, retryOf, unknownLetter } from '../../../src/adapters/nats/letter.ts';
import type { DeadLetter, DeadLetters } from '../../../src/runtime/ports/dead.ts';
import type { FakeQueue } from './queue.ts';

/** Dead letters in memory; a retry goes to `queue`. */
export function fakeDeadLetters(queue: Pick<FakeQueue, 'publish'>, prefix = 'millrace'): DeadLetters {
  const letters = new Map<string, DeadLetter>();
  const known = (id: string): DeadLetter => {
    const letter = letters.get(id);
    if (letter === undefined) throw unknownLetter(id);
    return letter;
  };
  return {
    async put(letter) {
      await Promise.resolve();
      if (letters.has(letter.id)) return;
      const headers = encodeLetter(letter);
      const kept = decodeLetter(prefix, (name) => headers[name] ?? '', Uint8Array.from(letter.body));
      if (kept !== undefined) letters.set(letter.id, kept);
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
