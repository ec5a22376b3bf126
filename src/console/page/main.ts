import { actorPage } from './actor.ts';
import { placeOf } from './address.ts';
import { boardPage } from './board.ts';
import { deadPage } from './dead.ts';
import type { Link, WorkerRow } from '../protocol.ts';
import { bodyFor } from './decide.ts';
import { h, time } from './dom.ts';
import { live, type Refusal } from './live.ts';
import { peoples } from './words.ts';

/** Ends a page that was shown. */
export type Leave = () => void;

const link = h('span', { class: 'link', role: 'status' });
const said = h('div', { class: 'said', role: 'status', 'aria-live': 'polite' });
const main = h('main', { id: 'main', tabindex: -1 });
document.body.append(
  h('a', { class: 'skip', href: '#main', onclick: (event) => { event.preventDefault(); main.focus(); } }, 'to the content'),
  h('nav', { 'aria-label': 'Console' }, h('a', { href: '#/', class: 'home' }, 'Millrace'), h('a', { href: '#/' }, 'Board'), h('a', { href: '#/dead' }, 'Dead letters'), link), main, said,
);

const hush = (): void => { said.replaceChildren(); };
/** Stays until it is put away, or something else is said. */
const say = (text: string, ...more: readonly Node[]): void => { said.replaceChildren(h('span', {}, text), ...more, h('button', { class: 'hush', 'aria-label': 'put it away', title: 'put it away', onclick: hush }, '×')); };
const lost = (isLost: boolean): void => {
  document.body.classList.toggle('lost', isLost);
  if (isLost) link.textContent = 'the console is away; what you see is as it was';
};

/** Asks for the token until a right one is given. */
const needsToken = (): Promise<void> => new Promise((resolve) => {
  const field = h('input', { type: 'password', autocomplete: 'current-password', 'aria-label': 'Token' });
  const why = h('p', { role: 'alert' });
  const enter = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { status } = await fetch('/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token: field.value }) });
    if (status !== 204) {
      why.textContent = status === 429 ? 'Too many wrong tokens; try again in a minute.' : 'That is not a token of this console.';
      return;
    }
    dialog.remove();
    main.focus();
    resolve();
  };
  const dialog = h('form', { class: 'token', onsubmit: (event) => { void enter(event); } }, h('h1', {}, 'This console needs a token'), field, h('button', {}, 'enter'), why);
  document.body.append(dialog);
  field.focus();
});

const server = live(lost, needsToken);
let broker: Link | undefined;
let workers: readonly WorkerRow[] = [];
function drawLink(): void {
  if (broker === undefined) return;
  const isUp = broker.state === 'up';
  const crew = workers.length === 0 ? 'no worker lives' : workers.length === 1 ? '1 worker' : `${workers.length} workers`;
  link.textContent = isUp ? `${broker.server}, ${crew}` : `${broker.server} is away since ${time(broker.since)}; what you see is as it was`;
  link.title = workers.map(({ host, pid, machines }) => `${host}, process ${pid}: ${machines.join(', ')}`).join('\n');
  link.classList.toggle('alone', isUp && workers.length === 0);
  document.body.classList.toggle('lost', !isUp);
}
server.on('link', (message) => {
  broker = message.link;
  drawLink();
});
server.on('workers', (message) => {
  workers = message.workers;
  drawLink();
});

/** `isTaken` false: it would be refused now, and is sent to hear why. */
function command(actor: string, name: string, isTaken = true): void {
  void bodyFor(actor, name, isTaken).then((body) => {
    if (body === undefined) return;
    say(`${name} is asked of ${actor}…`);
    server.ask('command', { actor, command: name, body }).then((verdict) => {
      if (verdict.accepted) return say(verdict.duplicate ? `${actor} is at it already` : `${actor} accepted ${name} as record ${verdict.seq}`);
      const { reason, allowed, hint } = verdict;
      const instead = peoples.filter((one) => allowed.includes(one));
      // What its family alone sends is named only where there is nothing for people.
      const taken = instead.length > 0 ? instead : allowed;
      say(`${actor} refused ${name}: ${reason}.${taken.length > 0 ? ` It would take: ${taken.join(', ')}.` : ''} ${hint ?? ''}`, ...instead.map((one) => h('button', { onclick: () => { command(actor, one); } }, one)));
    }, (error: Refusal) => { say(`${error.message} ${error.hint ?? ''}`); });
  });
}

let leave: Leave = () => undefined;
const route = (): void => {
  const place = placeOf(location.hash);
  const { path, query } = place;
  leave();
  hush();
  main.replaceChildren();
  for (const one of document.querySelectorAll('nav a:not(.home)')) {
    if (one.getAttribute('href') === `#/${path}`) one.setAttribute('aria-current', 'page');
    else one.removeAttribute('aria-current');
  }
  document.title = path === '' ? 'Millrace' : `${path} · Millrace`;
  leave = path === 'dead' ? deadPage(main, server, say) : path.includes('/') ? actorPage(main, server, place, command) : boardPage(main, server, query, command);
};
addEventListener('hashchange', () => {
  route();
  // Who hears the page is told where they are, and goes on from there.
  main.querySelector('h1')?.focus({ preventScroll: true });
});
route();
