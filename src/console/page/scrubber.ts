import { h, setText } from './dom.ts';

/** Between two records while it plays, ms. */
const tickMs = 700;

/** Where in time one is: a slider over all records, keys, and a play button. */
export interface Scrubber {
  readonly element: HTMLElement;
  readonly at: number;
  readonly length: number;
  /** What comes is shown at once: nobody went back in time. */
  readonly isFollowing: boolean;
  /** To a record, as near as there is one; to the last one is to follow what comes. */
  go(seq: number): void;
  /** There are more records. */
  grow(length: number): void;
  /** Stay here while more comes, until somebody goes on. */
  hold(): void;
  say(sentence: string): void;
  /** Gives whether it was a key that moves in time. */
  key(event: KeyboardEvent): boolean;
  leave(): void;
}

/** `moved` is told of each move, also of that to where one was; `isAsked`: by somebody, rather than by what came. */
export function scrubber(moved: (seq: number, isAsked: boolean) => void): Scrubber {
  let [at, length, isFollowing] = [0, 0, true];
  let timer: ReturnType<typeof setInterval> | undefined;
  const slider = h('input', { type: 'range', min: 1, max: 1, value: 1, class: 'slider', 'aria-label': 'Record', oninput: () => { go(Number(slider.value)); } });
  const position = h('output', { 'aria-live': 'off' });
  const sentence = h('span', { class: 'sentence' });
  const play = h('button', { 'aria-pressed': 'false', title: 'space', onclick: () => { playing(timer === undefined); } }, 'play');
  const element = h('div', { class: 'tools time', role: 'group', 'aria-label': 'Time' }, slider, position, play, h('button', { title: 'End', onclick: () => { go(length); } }, 'now'), sentence, h('small', { class: 'keys' }, '← → Home End, space plays'));

  function place(): void {
    slider.max = String(length);
    slider.value = String(at);
    setText(position, `record ${at} of ${length}`);
  }
  function go(seq: number, isAsked = true): void {
    // Told to who hears the page only when they asked: what comes by itself would never let them listen to anything else.
    position.ariaLive = isAsked ? 'polite' : 'off';
    at = Math.max(1, Math.min(length, seq));
    isFollowing = at === length;
    place();
    moved(at, isAsked);
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

  return {
    element, go: (seq) => { go(seq); },
    get at() { return at; },
    get length() { return length; },
    get isFollowing() { return isFollowing; },
    grow(now) {
      length = now;
      if (isFollowing) go(length, false);
      else place();
    },
    hold() { isFollowing = false; },
    say(text) {
      setText(sentence, text);
      sentence.title = text;
      slider.ariaValueText = `record ${at} of ${length}: ${text}`;
    },
    key({ key }) {
      if (key === ' ') {
        playing(timer === undefined);
        return true;
      }
      const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 1, End: length }[key];
      if (to !== undefined) go(to);
      return to !== undefined;
    },
    leave() { clearInterval(timer); },
  };
}
