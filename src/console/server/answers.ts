import { TerminalError } from '../../kernel/errors.ts';
import type { Question, Questions } from '../protocol.ts';
import { actorWatch } from '../feeds/actor-watch.ts';
import { deadRow } from '../feeds/dead.ts';
import { requirePast, type Past } from '../feeds/past.ts';
import { shown, shownText } from '../shown.ts';
import type { Given } from './questions.ts';
import type { Session } from './session.ts';

type Answer<Q extends Question> = (session: Session, given: Given<Q>) => Questions[Q]['answer'] | Promise<Questions[Q]['answer']>;

const pastIn = (session: Session, actor: string): Past => requirePast(session.actor(actor).past, actor);

/** How each question is answered. */
const each: { readonly [Q in Question]: Answer<Q> } = {
  'board.watch': ({ watch, shop }, window) => watch('board', (changed) => shop.board.watch(window, changed), (board) => ({ push: 'board', board })).first(),
  'board.leave': ({ leave }) => gone(leave, 'board'),
  async 'actor.watch'({ watch, leave, shop }, { actor }) {
    const name = `actor ${actor}`;
    const watching = watch(name, (changed) => {
      const used = shop.actors.use(actor);
      return actorWatch(used.it, changed, used.leave);
    }, (news) => ({ push: 'actor', actor: news }));
    try {
      return await watching.face();
    } catch (error) {
      leave(name);
      throw error;
    }
  },
  'actor.leave': ({ leave }, { actor }) => gone(leave, `actor ${actor}`),
  'actor.records': ({ actor: open }, { actor, from, to }) => open(actor).records(from, to),
  'actor.moment': (session, { actor, seq }) => pastIn(session, actor).moment(seq),
  'actor.waterfall': (session, { actor, upTo }) => pastIn(session, actor).waterfall(upTo),
  'actor.choices': (session, { actor, seq }) => pastIn(session, actor).choices(seq),
  'actor.what-if'(session, { actor, seq, type, data, at }) {
    session.spend();
    return pastIn(session, actor).whatIf(seq, { type, ...(data === undefined ? {} : { data }), ...(at === undefined ? {} : { at }), by: session.by });
  },
  'actor.chart'(session, { actor, depth }) {
    const { definition, chart } = pastIn(session, actor);
    return session.shop.charts.of(definition, chart, depth);
  },
  'output.watch'({ watch, shop, failed }, { actor }) {
    watch(`output ${actor}`, (changed) => shop.output.watch(actor, changed, failed), (output) => ({ push: 'output', output }));
    return null;
  },
  'output.leave': ({ leave }, { actor }) => gone(leave, `output ${actor}`),
  async command({ shop, by }, { actor, command, body = {} }) {
    const answer = await shop.millrace.send(actor, command, body, { by, signer: undefined });
    if (!answer.accepted) return shown(answer);
    const { seq, duplicate, request } = answer;
    return shown({ accepted: true, seq, ...(duplicate === undefined ? {} : { duplicate }), ...(request === undefined ? {} : { request }) });
  },
  'dead.watch'({ watch, shop }) {
    watch('dead', (changed) => {
      let news: Questions['dead.watch']['answer'] | undefined;
      const leave = shop.dead.onChange((letters) => { news = letters; changed(); });
      return { leave, take: () => {
        const now = news;
        news = undefined;
        return now;
      } };
    }, (dead) => ({ push: 'dead', dead }));
    return shop.dead.list();
  },
  'dead.leave': ({ leave }) => gone(leave, 'dead'),
  async 'dead.show'({ shop }, { letter }) {
    const found = await shop.millrace.dead.get(letter);
    if (found === undefined) throw new TerminalError('unknown_dead_letter', `there is no dead letter "${letter}"`, { hint: 'it may have been retried or dropped meanwhile' });
    return { ...deadRow(found), headers: shown(found.headers), body: shownBody(found.body) };
  },
  async 'dead.retry'({ shop }, { letter }) {
    await shop.millrace.dead.retry(letter);
    shop.dead.reload();
    return null;
  },
  async 'dead.drop'({ shop }, { letter }) {
    await shop.millrace.dead.drop(letter);
    shop.dead.reload();
    return null;
  },
};

/** Each is called with what its own schema gave. */
export const answers = each as Readonly<Record<Question, (session: Session, given: unknown) => unknown>>;

/** What is shown of a body that nobody could handle. */
const bodyChars = 64 * 1024;

/** JSON is redacted by its names as well; anything else as text. */
function shownBody(body: Uint8Array): string {
  const text = new TextDecoder().decode(body.subarray(0, bodyChars));
  try {
    return JSON.stringify(shown(JSON.parse(text) as unknown));
  } catch {
    return shownText(text);
  }
}

function gone(leave: (name: string) => void, name: string): null {
  leave(name);
  return null;
}

