import type { ActorFace, ActorPush, ShownMoment, ShownRecord } from '../protocol.ts';
import { askedOf } from './asked.ts';
import { chartPane } from './chart.ts';
import { actorLink, badge, duration, h, soon, stateText, time } from './dom.ts';
import { longList } from './list.ts';
import type { Live, Refusal } from './live.ts';
import type { Leave } from './main.ts';
import { outputPane } from './output.ts';
import { supposePane } from './suppose.ts';
import { waterfallOf } from './waterfall.ts';

const controls = ['stop', 'start', 'cancel'];
/** Between two records while it plays. */
const tickMs = 700;

/** One actor: its chart and its log side by side, at any moment of its life. */
export function actorPage(root: HTMLElement, live: Live, actor: string, command: (actor: string, command: string) => void): Leave {
  const records = new Map<number, ShownRecord>();
  const asking = new Set<number>();
  let face: ActorFace | undefined;
  let length = 0;
  let at = 0;
  let passed: Record<string, number> = {};
  let children: Record<string, number> = {};
  let shownNow: ShownMoment | undefined;

  const title = h('h1', {}, actor);
  const state = h('p', { 'aria-live': 'polite' });
  const family = h('p', { class: 'family' });
  const buttons = h('div', { class: 'tools', role: 'group', 'aria-label': 'Control' });
  const slider = h('input', { type: 'range', min: 1, max: 1, value: 1, class: 'slider', 'aria-label': 'Record', oninput: () => { go(Number(slider.value)); } });
  const position = h('output', {});
  const play = h('button', { 'aria-pressed': 'false', onclick: () => { playing(timer === undefined); } }, 'play');
  let timer: ReturnType<typeof setInterval> | undefined;
  const nowButton = h('button', { onclick: () => { go(length); } }, 'now');
  const chart = chartPane(live, actor, (ids) => {
    const seen = ids.map((id) => passed[id]).filter((seq) => seq !== undefined);
    if (seen.length > 0) go(Math.min(...seen));
  });
  const log = longList('Log', 30, (place) => {
    const record = records.get(place + 1);
    return record === undefined ? undefined : { key: `${record.seq}${record.seq === at ? ' chosen' : ''}`, draw: () => recordRow(record) };
  }, fetchRecords, (place) => { go(place + 1); });
  log.element.classList.add('log');
  const detail = h('pre', { class: 'detail', tabindex: 0, role: 'region', 'aria-label': 'Record and context' });
  const steps = h('section', { 'aria-label': 'Steps' });
  const asked = h('section', { 'aria-label': 'Asked of it' });
  const told = h('p', { 'aria-live': 'polite' });
  const suppose = supposePane(live, actor, (moment) => { chart.light(moment, passed, true); });
  const output = outputPane(live, actor);

  root.append(
    h('header', { class: 'actor-head' }, title, state, family, buttons),
    h('div', { class: 'tools time' }, slider, position, play, nowButton, h('small', {}, '← → Home End, space plays')),
    h('div', { class: 'two' }, chart.element, h('section', { class: 'side', 'aria-label': 'Log' }, log.element, suppose.element, told, detail)),
    asked, h('h2', {}, 'Steps'), steps, h('h2', {}, 'Output'), output.element,
  );

  function fetchRecords(from: number, count: number): void {
    const last = Math.min(length, from + count);
    for (let first = Math.floor(from / 100) * 100 + 1; first <= last; first += 100) {
      if (asking.has(first) || (records.has(first) && records.has(Math.min(length, first + 99)))) continue;
      asking.add(first);
      live.ask('actor.records', { actor, from: first, to: first + 99 }).then((got) => {
        for (const record of got) records.set(record.seq, record);
        log.draw();
      }, () => undefined).finally(() => { asking.delete(first); });
    }
  }
  function recordRow({ seq, at: when, sentence, mood, by, from }: ShownRecord): HTMLElement {
    const row = h('div', { class: `row record ${mood} ${seq === at ? 'chosen' : ''}`, 'aria-current': seq === at ? 'true' : undefined, onclick: () => { go(seq); } },
      h('span', { class: 'seq' }, String(seq)), h('span', { class: 'sentence', title: sentence }, sentence), h('small', { title: time(when) }, `+${duration(when - (face?.createdAt ?? when))}`),
      from === undefined ? undefined : h('button', { class: 'cause', title: `asked for by record ${from}`, 'aria-label': `asked for by record ${from}`, onclick: (event) => { event.stopPropagation(); go(from); } }, `←${from}`));
    if (by !== undefined) row.title = by;
    return row;
  }

  /** To a moment: at once what is there, the rest when it comes. */
  function go(seq: number): void {
    at = Math.max(1, Math.min(length, seq));
    slider.value = String(at);
    position.textContent = `record ${at} of ${length}`;
    log.draw();
    log.show(at - 1);
    load();
  }
  /** Through time, a record at each tick, as far as it went. */
  function playing(wanted: boolean): void {
    clearInterval(timer);
    timer = undefined;
    if (wanted) {
      if (at === length) go(1);
      timer = setInterval(() => {
        if (at < length) go(at + 1);
        else playing(false);
      }, tickMs);
    }
    play.textContent = wanted ? 'pause' : 'play';
    play.setAttribute('aria-pressed', String(wanted));
  }
  const load = soon(() => {
    const wanted = at;
    if (face?.notDrawn !== undefined && shownNow === undefined) return;
    live.ask('actor.moment', { actor, seq: wanted }).then((moment) => { if (wanted === at) show(moment); }, fail);
    live.ask('actor.waterfall', { actor, upTo: wanted }).then((fall) => { if (wanted === at) steps.replaceChildren(waterfallOf(fall, go)); }, () => undefined);
    suppose.at(wanted);
  });
  function show(moment: ShownMoment): void {
    shownNow = moment;
    state.replaceChildren(badge(moment.status), ` ${stateText(moment.value)}`, ...(moment.waitingFor.length === 0 ? [] : [h('small', {}, ` waits for ${moment.waitingFor.map(({ kind, name, until }) => `${kind} ${name}${until === undefined ? '' : ` until ${time(until)}`}`).join('; ')}`)]),
      ...(moment.blocked === undefined ? [] : [h('strong', {}, ` ${moment.blocked.reason}`)]));
    const names = [...new Set([...controls, ...(at === length ? moment.blocked?.commands ?? [] : [])])];
    buttons.replaceChildren(...names.map((name) => h('button', { class: moment.allowed.includes(name) ? '' : 'unlikely', onclick: () => { command(moment.blocked?.commands.includes(name) === true ? moment.blocked.actor : actor, name); } }, name)));
    const { data, cause, type, by } = records.get(moment.seq) ?? {};
    detail.textContent = JSON.stringify({ record: { seq: moment.seq, type, by, cause, data }, effects: moment.effects, context: moment.context }, null, 2);
    told.textContent = '';
    chart.light(moment, passed);
  }
  const fail = (error: Refusal): void => { told.textContent = `${error.message}${error.hint === undefined ? '' : ` (${error.hint})`}`; };

  function drawFamily(): void {
    family.replaceChildren(...(face?.parent === undefined ? [] : ['part of ', actorLink(face.parent), ' ']), ...Object.keys(children).flatMap((child) => [' ↳ ', actorLink(child)]));
  }
  function take(news: ActorPush | ActorFace): void {
    const followed = at === length;
    passed = { ...passed, ...news.passed };
    children = { ...children, ...news.children };
    length = news.length;
    slider.max = String(length);
    if ('records' in news) for (const record of news.records) records.set(record.seq, record);
    drawFamily();
    asked.replaceChildren(...askedOf(news.requests));
    log.resize(length);
    if (news.notDrawn !== undefined) told.textContent = `${news.notDrawn.message}. ${news.notDrawn.hint ?? ''}`;
    if (followed) go(length);
    else position.textContent = `record ${at} of ${length}`;
    fetchRecords(Math.max(0, at - 60), 120);
  }
  const onKey = (event: KeyboardEvent): void => {
    if (isTyped(event.target) || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === ' ' && event.target instanceof HTMLElement && event.target.closest('button, summary, a, pre') === null) {
      event.preventDefault();
      return playing(timer === undefined);
    }
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 1, End: length }[event.key];
    if (to === undefined || event.target === detail) return;
    event.preventDefault();
    go(to);
  };
  document.addEventListener('keydown', onKey);
  const stops = [
    live.on('actor', (message) => { if (message.actor.actor === actor) take(message.actor); }),
    live.onOpen(() => {
      live.ask('actor.watch', { actor }).then((got) => {
        face = got;
        title.replaceChildren(actor, h('small', {}, ` ${got.machine.name} ${got.machine.version}, begun ${time(got.createdAt)}`));
        take(got);
        chart.load();
      }, (error: Refusal) => { state.textContent = error.message; });
    }),
  ];
  return () => {
    document.removeEventListener('keydown', onKey);
    for (const stop of stops) stop();
    clearInterval(timer);
    output.leave();
    live.ask('actor.leave', { actor }).catch(() => undefined);
  };
}

const isTyped = (target: EventTarget | null): boolean => target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement;
