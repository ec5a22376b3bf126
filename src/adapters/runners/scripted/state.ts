import type { RunStatus } from '../../../machines/run/runner.ts';
import type { ProgressSample } from '../../../machines/run/pausable.ts';
import { stepAt, type Script, type Section, type Step } from './script.ts';

export type Verb = Section | 'progress';

/** A build at the scripted backend: what the calls so far have made of it. */
export interface BuildState {
  /** Calls so far. */
  readonly calls: Readonly<Record<Verb, number>>;
  readonly created: boolean;
  /** What `status` said last, errors aside. */
  readonly status: RunStatus;
  /** Steps of the status script that were used up. */
  readonly at: number;
  /** Once a cancel took effect: so many polls more it still runs. */
  readonly cancelledIn: number | null;
  readonly stopped: boolean;
  readonly generation: number;
  /** After a start: so many samples more say "stopped", of this generation. */
  readonly stale: { readonly samples: number; readonly generation: number };
}

export const untouched: BuildState = {
  calls: { trigger: 0, status: 0, cancel: 0, stop: 0, start: 0, progress: 0 },
  created: false, status: 'accepted', at: 0, cancelledIn: null, stopped: false, generation: 1, stale: { samples: 0, generation: 1 },
};

export const isOver = (status: RunStatus): boolean => ['succeeded', 'failed', 'cancelled'].includes(status);

/** What a call is answered with, and what the build is afterwards. */
export interface Answered {
  readonly state: BuildState;
  readonly step: Step;
  /** No call before this one was answered with this step. */
  readonly isFirst: boolean;
}

/** One call, by the script. Pure: the same calls in the same order give the same answers. */
export function answer(script: Script, before: BuildState, verb: Verb): Answered {
  const calls = { ...before.calls, [verb]: before.calls[verb] + 1 };
  const state = { ...before, calls };
  if (verb === 'progress') return { state: sampled(state), ...said('ok') };
  if (verb === 'status') return polled(script, state);
  const step = stepAt(script[verb], before.calls[verb]);
  return { state: step.word.startsWith('!') ? state : changed(state, verb, step), step, isFirst: before.calls[verb] === 0 };
}

/** What no script says. */
const said = (word: string): Omit<Answered, 'state'> => ({ step: { word, about: '', times: 1, afterMs: 0 }, isFirst: false });

function polled(script: Script, state: BuildState): Answered {
  if (!state.created) return { state, ...said('unknown') };
  const { cancelledIn } = state;
  if (cancelledIn !== null) {
    const status = cancelledIn > 0 ? 'running' : 'cancelled';
    return { state: { ...state, status, cancelledIn: Math.max(0, cancelledIn - 1) }, ...said(status) };
  }
  if (state.stopped) return { state, ...said('running') };
  const step = stepAt(script.status, state.at);
  const used = { ...state, at: state.at + 1 };
  const isFirst = state.at === 0 || stepAt(script.status, state.at - 1) !== step;
  return { state: step.word.startsWith('!') ? used : { ...used, status: step.word as RunStatus }, step, isFirst };
}

function changed(state: BuildState, verb: Section, { word, about }: Step): BuildState {
  if (verb === 'trigger') return { ...state, created: true };
  if (!state.created || isOver(state.status)) return state;
  switch (verb) {
    case 'cancel':
      if (word === 'ignore' || state.cancelledIn !== null) return state;
      return { ...state, stopped: false, cancelledIn: word === 'slow' ? count(about) : 0 };
    case 'stop': return state.status === 'running' ? { ...state, stopped: true } : state;
    case 'start': {
      if (!state.stopped) return state;
      const generation = state.generation + 1;
      const stale = { samples: word === 'ok' ? 0 : count(about), generation: word === 'stale' ? state.generation : generation };
      return { ...state, stopped: false, generation, stale };
    }
    default: return state;
  }
}

/** `slow(3)`; without a number, for ever. */
const count = (about: string): number => (about === '' ? Infinity : Number(about));

const sampled = (state: BuildState): BuildState => ({ ...state, stale: { ...state.stale, samples: Math.max(0, state.stale.samples - 1) } });

/** What `progress` says of a build as it was before the call. */
export function progressOf({ status, stopped, stale, generation }: BuildState): ProgressSample {
  if (isOver(status)) return { generation, state: 'ended' };
  if (stopped) return { generation, state: 'stopped' };
  if (stale.samples > 0) return { generation: stale.generation, state: 'stopped' };
  return { generation, state: status === 'running' ? 'running' : 'waiting' };
}
