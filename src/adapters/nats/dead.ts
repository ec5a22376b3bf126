import { isToken } from '../../kernel/names.ts';
import { MillraceError } from '../../kernel/errors.ts';
import type { DeadLetter, DeadLetters } from '../../runtime/ports/dead.ts';
import type { Broker } from './broker.ts';
import { apiCode, toMillraceError } from './errors.ts';
import { cutLetter, decodeLetter, encodeLetter, retryOf, unknownLetter } from './letter.ts';
import { readStored } from './pages.ts';
import { store } from './publish.ts';

interface Stored { readonly letter: DeadLetter; readonly seq: number }

const noSuchMessage = 10043;

/** Dead letters on `<prefix>.dead.<type>.<id>`; a subject part that is no token is `_malformed` there. */
export function natsDeadLetters(broker: Broker): DeadLetters {
  const { names, jsm } = broker;
  const stream = names.streams.dead;
  const token = (part: string): string => (isToken(part) ? part : '_malformed');

  async function* all(subject = names.dead('*', '*')): AsyncGenerator<Stored, void> {
    for await (const { header, data, seq } of readStored(broker, stream, subject)) {
      const letter = decodeLetter(names.prefix, (name) => header.get(name), data);
      if (letter !== undefined) yield { letter, seq };
    }
  }
  const copies = async (id: string, subject?: string): Promise<Stored[]> => {
    const found: Stored[] = [];
    for await (const stored of all(subject)) if (stored.letter.id === id) found.push(stored);
    return found;
  };
  const known = async (id: string): Promise<[Stored, ...Stored[]]> => {
    const [first, ...more] = await copies(id);
    if (first === undefined) throw unknownLetter(id);
    return [first, ...more];
  };
  const remove = async (stored: readonly Stored[]): Promise<void> => {
    for (const { seq } of stored) {
      await jsm.streams.deleteMessage(stream, seq).catch((cause: unknown) => {
        if (apiCode(cause) !== noSuchMessage) throw toMillraceError(cause, 'drop the dead letter');
      });
    }
  };

  return {
    async put(letter) {
      const subject = names.dead(token(letter.type), token(letter.actorId));
      // The server remembers ids for two minutes; a redelivery may come later than that.
      if (letter.deliveries > 1 && (await copies(letter.id, subject)).length > 0) return;
      try {
        await store(broker, subject, letter.body, encodeLetter(letter));
      } catch (error) {
        if (!(error instanceof MillraceError) || error.code !== 'payload_too_large') throw error;
        const { headers, body } = cutLetter(letter);
        await store(broker, subject, body, headers);
      }
    },
    async list() {
      const letters = new Map<string, DeadLetter>();
      for await (const { letter } of all()) if (!letters.has(letter.id)) letters.set(letter.id, letter);
      return [...letters.values()];
    },
    get: async (id) => (await copies(id))[0]?.letter,
    async retry(id) {
      const found = await known(id);
      const { subject, body, headers } = retryOf(found[0].letter);
      await store(broker, subject, body, headers);
      await remove(found);
    },
    async drop(id) { await remove(await known(id)); },
  };
}
