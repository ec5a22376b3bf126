import type { ActorFace, ActorPush, ShownMoment, Waterfall } from '../protocol.ts';
import { note, type Place } from './address.ts';
import { askedOf } from './asked.ts';
import { chartPane } from './chart.ts';
import { h, put, setText, soon } from './dom.ts';
import { headOf } from './head.ts';
import type { Live, Refusal } from './live.ts';
import { logPane } from './log.ts';
import type { Leave } from './main.ts';
import { outputPane } from './output.ts';
import { scrubber } from './scrubber.ts';
import { supposePane } from './suppose.ts';
import { waterfallPane } from './waterfall.ts';

/** Who stays at a moment for so long is at it, ms. */
const restMs = 200;
/** What goes on is drawn longer so often, ms. */
const growMs = 1_000;

/** One actor: its chart and its log side by side, at any moment of its life. */
export function actorPage(root: HTMLElement, live: Live, { path: actor, query }: Place, command: (actor: string, command: string, isTaken?: boolean) => void): Leave {
  const type = actor.slice(0, actor.indexOf('/'));
  let face: ActorFace | undefined;
  let latest: ShownMoment | undefined;
  let passed: Record<string, number> = {};
  let children: Record<string, number> = {};
  let shownNow: ShownMoment | undefined;
  let fall: Waterfall | undefined;

  const head = headOf(actor, command);
  /** Somebody went to the moment that is shown. */
  let isAsked = false;
  // Browsers take only so many addresses a second: the moment is told where somebody stays.
  let noting: ReturnType<typeof setTimeout> | undefined;
  const noteAtRest = (): void => {
    clearTimeout(noting);
    noting = setTimeout(() => { note({ record: time.isFollowing ? undefined : String(time.at) }); }, restMs);
  };
  /** The record that was asked for by the address. */
  let toRecord = Number(query.get('record'));
  const time = scrubber((seq, asked) => {
    isAsked ||= asked;
    if (asked) noteAtRest();
    log.choose(seq);
    sayRecord();
    load();
  });
  const chart = chartPane(live, actor, (ids) => {
    const seen = ids.map((id) => passed[id]).filter((seq) => seq !== undefined);
    if (seen.length > 0) time.go(Math.min(...seen));
  });
  const log = logPane(live, actor, () => face?.createdAt, (seq) => { time.go(seq); }, sayRecord);
  const detail = h('pre', { class: 'detail', tabindex: 0, role: 'region', 'aria-label': 'Record and context' });
  const timeline = waterfallPane(type, (seq) => { time.go(seq); });
  const asked = h('section', { 'aria-label': 'Asked of it' });
  const told = h('p', { 'aria-live': 'polite' });
  const suppose = supposePane(live, actor, (moment) => {
    time.hold();
    chart.suppose(moment);
  });
  const output = outputPane(live, actor);
  const two = h('div', { class: 'two' }, chart.element, h('section', { class: 'side', 'aria-label': 'Log' }, log.list.element, suppose.element, told, detail));
  const body = h('div', { hidden: true }, time.element, two, timeline.element, asked, h('h2', {}, 'Output'), output.element);
  root.append(head.element, body);

  /** What there is to say of the record, which may come later than the moment. */
  function sayRecord(): void {
    const record = log.of(time.at);
    time.say(record?.sentence ?? '');
    if (shownNow?.seq !== time.at) return;
    const { effects, context } = shownNow;
    const { type: what, by, cause, data } = record ?? {};
    const at = record === undefined ? undefined : new Date(record.at).toISOString();
    // What somebody has marked to take it along stays while more comes.
    const marked = getSelection();
    if (isAsked || marked === null || marked.isCollapsed || !detail.contains(marked.anchorNode)) setText(detail, JSON.stringify({ record: { seq: time.at, at, type: what, by, cause, data }, effects, context }, null, 2));
    const { steps } = (context ?? {}) as { readonly steps?: Readonly<Record<string, { readonly status?: string }>> };
    timeline.mark(time.at, time.isFollowing ? undefined : record?.at, steps ?? {});
  }
  const load = soon(() => {
    const wanted = time.at;
    if (face?.notDrawn !== undefined && shownNow === undefined) return;
    live.ask('actor.moment', { actor, seq: wanted }).then((moment) => { if (wanted === time.at) show(moment); }, fail);
    suppose.at(wanted);
  });
  function show(moment: ShownMoment): void {
    shownNow = moment;
    head.show(moment, latest);
    told.textContent = '';
    chart.light(moment, passed, isAsked);
    isAsked = false;
    sayRecord();
  }
  const loadFall = soon(() => {
    if (face?.notDrawn !== undefined && shownNow === undefined) return;
    live.ask('actor.waterfall', { actor }).then((got) => {
      fall = got;
      grow();
    }, () => undefined);
  });
  function grow(): void {
    if (fall !== undefined) timeline.take(fall, fall.lanes.some(({ bars }) => bars.some(({ end }) => end === 'running')) ? live.now() : undefined);
  }
  // The clock alone: nothing is asked for.
  const growing = setInterval(() => { if (timeline.goesOn && !timeline.element.matches(':hover')) grow(); }, growMs);
  const fail = (error: Refusal): void => { told.textContent = `${error.message}${error.hint === undefined ? '' : ` (${error.hint})`}`; };

  function take(news: ActorPush | ActorFace): void {
    passed = { ...passed, ...news.passed };
    children = { ...children, ...news.children };
    latest = news.now ?? latest;
    log.take('records' in news ? news.records : [], news.length);
    head.family(face, children);
    put(asked, askedOf(news.requests));
    if (news.notDrawn !== undefined) told.textContent = `${news.notDrawn.message}. ${news.notDrawn.hint ?? ''}`;
    time.grow(news.length);
    if (toRecord > 0) time.go(toRecord);
    toRecord = 0;
    loadFall();
    if (!time.isFollowing && shownNow !== undefined) head.show(shownNow, latest);
    log.fetch(Math.max(0, time.at - 60), 120);
  }
  const onKey = (event: KeyboardEvent): void => {
    const { target, key } = event;
    if (isTyped(target) || event.altKey || event.ctrlKey || event.metaKey || (target as HTMLElement).closest('pre') !== null) return;
    if (key === ' ' && (target as HTMLElement).closest('button, summary, a, pre, dialog') !== null) return;
    if (time.key(event)) event.preventDefault();
  };
  document.addEventListener('keydown', onKey);
  const watch = (): void => {
    live.ask('actor.watch', { actor }).then((got) => {
      face = got;
      body.hidden = false;
      head.name(got);
      take(got);
      chart.load();
    }, (error: Refusal) => {
      if (error.code === 'no_such_actor') awaitIt();
      else head.problem(`${error.message}${error.hint === undefined ? '' : `: ${error.hint}`}`);
    });
  };
  /** The board tells when there is one. */
  let isAwaited = false;
  function awaitIt(): void {
    isAwaited = true;
    head.problem('There is none of this name here. Should it come, you see it at once.');
    live.ask('board.watch', { from: 0, count: 200, text: actor }).then(({ rows }) => { hear(rows); }, fail);
  }
  function hear(rows: readonly { readonly actor: string }[]): void {
    if (!isAwaited || rows.every((row) => row.actor !== actor)) return;
    isAwaited = false;
    live.ask('board.leave', {}).catch(() => undefined);
    watch();
  }
  const stops = [
    live.on('board', ({ board }) => { hear(board.rows); }),
    live.on('actor', (message) => { if (message.actor.actor === actor) take(message.actor); }),
    live.onOpen(watch),
  ];
  return () => {
    document.removeEventListener('keydown', onKey);
    for (const stop of stops) stop();
    clearInterval(growing);
    clearTimeout(noting);
    time.leave();
    output.leave();
    live.ask('actor.leave', { actor }).catch(() => undefined);
    if (isAwaited) live.ask('board.leave', {}).catch(() => undefined);
  };
}

const isTyped = (target: EventTarget | null): boolean => target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement;
