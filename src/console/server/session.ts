import { MillraceError, RetryableError, TerminalError } from '../../kernel/errors.ts';
import type { Answered, Pushed, Question, Questions } from '../protocol.ts';
import type { OpenActor } from '../feeds/actor.ts';
import type { ActorWatch } from '../feeds/actor-watch.ts';
import { asProblem } from '../feeds/past.ts';
import type { Watch } from '../feeds/watch.ts';
import { shown, shownText } from '../shown.ts';
import { answers } from './answers.ts';
import { outbox, type Line } from './outbox.ts';
import { readQuestion, type Read } from './questions.ts';
import type { Shop } from './shop.ts';

/** One page that is connected, and what it watches. */
export interface Session {
  readonly shop: Shop;
  /** Who its commands are from. */
  readonly by: string;
  /** Watch under a name, instead of what was watched under it. @throws TerminalError `too_many` above the bound of its kind, the name's first word. */
  watch<W extends Watch<unknown>>(name: string, begin: (changed: () => void) => W, push: (news: NewsOf<W>) => Pushed): W;
  leave(name: string): void;
  /** An actor that it watches. @throws TerminalError `not_watched`. */
  actor(name: string): OpenActor;
  /** Its costly questions, of which so many may be asked in a second. @throws RetryableError `too_fast`. */
  spend(): void;
  /** Tell the page that something it watches failed. */
  failed(error: unknown): void;
}

type NewsOf<W extends Watch<unknown>> = NonNullable<ReturnType<W['take']>>;

export interface Talk {
  /** A message of the page; false when it is none of this protocol. */
  take(text: string): boolean;
  close(): void;
}

/** How much one page may watch, by kind. */
const bounds: Readonly<Record<string, number>> = { board: 1, actor: 4, output: 4, dead: 1 };
const questionsAtOnce = 64;
const costlyASecond = 40;

export function talk(shop: Shop, by: string, line: Line, { version, onError }: { readonly version: string; readonly onError: (error: unknown) => void }): Talk {
  const out = outbox(line);
  const watched = new Map<string, { readonly it: Watch<unknown>; readonly stop: () => void }>();
  let underWay = 0;
  let spent: number[] = [];

  const leave = (name: string): void => {
    watched.get(name)?.stop();
    watched.delete(name);
  };
  const session: Session = {
    shop, by,
    watch<W extends Watch<unknown>>(name: string, begin: (changed: () => void) => W, push: (news: NewsOf<W>) => Pushed) {
      const [kind = ''] = name.split(' ');
      const many = [...watched.keys()].filter((other) => other !== name && other.split(' ')[0] === kind).length;
      if (many >= (bounds[kind] ?? 0)) throw new TerminalError('too_many', `a page watches ${bounds[kind]} of ${kind} at most`, { hint: 'leave one of them first' });
      let isOver = false;
      const take = (): Pushed | undefined => {
        const news = it.take() as NewsOf<W> | undefined;
        return news === undefined ? undefined : push(news);
      };
      const it = begin(() => { if (!isOver) out.news(take); });
      // Only now: what both of them share stays open.
      leave(name);
      watched.set(name, { it, stop: () => {
        isOver = true;
        out.forget(take);
        it.leave();
      } });
      return it;
    },
    leave,
    actor(name) {
      const one = watched.get(`actor ${name}`)?.it as Partial<ActorWatch> | undefined;
      if (one?.open === undefined) throw new TerminalError('not_watched', `${name} is not watched by this page`, { hint: 'watch it first' });
      return one.open;
    },
    spend() {
      const now = performance.now();
      spent = spent.filter((at) => now - at < 1_000);
      if (spent.length >= costlyASecond) throw new RetryableError('too_fast', `${costlyASecond} such questions a second are the most`, { hint: 'ask again in a moment' });
      spent.push(now);
    },
    failed: onError,
  };

  const answer = async <Q extends Question>({ id, ask, given }: Read<Q>): Promise<Answered> => {
    try {
      if (underWay > questionsAtOnce) throw new RetryableError('too_fast', `${questionsAtOnce} questions at once are the most`, { hint: 'wait for answers' });
      const asked = given();
      return { id, yes: await answers[ask](session, asked) as Questions[Q]['answer'] };
    } catch (error) {
      if (!(error instanceof MillraceError)) {
        onError(error);
        return { id, no: { code: 'console_failed', message: 'the console could not answer; its log says more' } };
      }
      return { id, no: shown(asProblem(error)) };
    }
  };

  out.push({ push: 'hello', hello: { version, by: shownText(by), now: Date.now(), machines: shop.machines } });
  out.push({ push: 'link', link: shop.link.now });
  out.push({ push: 'workers', workers: shop.workers.now });
  const stops = [
    shop.link.onChange((link) => { out.push({ push: 'link', link }); }),
    shop.workers.onChange((workers) => { out.push({ push: 'workers', workers }); }),
  ];
  return {
    take(text) {
      const read = readQuestion(text);
      if (read === undefined) return false;
      underWay++;
      void answer(read).then((message) => {
        underWay--;
        out.answer(message);
      });
      return true;
    },
    close() {
      for (const stop of stops) stop();
      for (const name of watched.keys()) leave(name);
      out.close();
    },
  };
}
