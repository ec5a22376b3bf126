import type { Json } from '../../../kernel/json.ts';
import type { EffectId, LogRecord } from '../../../kernel/record.ts';
import type { ActorState } from '../../../kernel/state.ts';
import { endedBadly } from '../../story.ts';
import type { BarKind } from './lanes.ts';

/** `running` has not ended yet; `replaced` is a timer set anew; `stopped` is a child that stands still from there, and may go on as another bar of the same attempt. */
export type BarEnd = 'running' | 'done' | 'failed' | 'aborted' | 'fired' | 'cancelled' | 'replaced' | 'stopped';

/** One thing that took time: an attempt, an undo, a wait, a standstill. Times in ms since the epoch. */
export interface Bar {
  /** What it is of; of a saga's paused step the record that paused it. */
  readonly effect: EffectId;
  readonly kind: BarKind;
  /** The invoke's id, or what is waited for. */
  readonly name: string;
  /** 1 for the first of its kind in its lane. */
  readonly attempt: number;
  readonly from: number;
  readonly fromSeq: number;
  /** Undefined while it runs; a timer's `due` then says when it ends. */
  readonly to?: number;
  readonly toSeq?: number;
  readonly due?: number;
  readonly end: BarEnd;
  /** It was asked to end, and its end is awaited. */
  readonly aborting?: boolean;
  /** The child actor it is. */
  readonly actor?: string;
  readonly error?: { readonly code: string; readonly message: string };
  /** So many, so close together that they are shown as one; it is as bad as the worst of them, and leads there. */
  readonly many?: number;
}

export interface Lane {
  /** A saga's step, or the name of an activity, a child or a delay. */
  readonly name: string;
  /** What a saga says of the step: pending, done, skipped, undone and so on; stopped, blocked and cancelled where it stands still or was ended; null elsewhere. */
  readonly status: string | null;
  readonly bars: readonly Bar[];
}

/** What ran and waited when. A saga's lanes are its steps, in order, those that have not begun among them. */
export interface Waterfall {
  /** Of the first and the last record, ms since the epoch; 0 when there is none. */
  readonly from: number;
  readonly to: number;
  readonly lanes: readonly Lane[];
}

/** A bar while the log is folded. */
export type Grown = { -readonly [K in keyof Bar]: Bar[K] } & { lane: string; abortingSeq?: number };

/** The bar as it stood after a record: what came later is not known yet. */
export function asAt({ lane: _lane, abortingSeq, ...bar }: Grown, upTo: number): Bar {
  const isAborting = abortingSeq !== undefined && abortingSeq <= upTo;
  const marked = isAborting ? { ...bar, aborting: true } : bar;
  if (bar.toSeq === undefined || bar.toSeq <= upTo) return marked;
  const { to: _to, toSeq: _toSeq, error: _error, ...begun } = marked;
  return { ...begun, end: 'running' };
}

/** How a bar ends on a record after which its effect no longer runs. */
export function endOf(bar: Grown, { type, data }: LogRecord, state: ActorState): Pick<Bar, 'end' | 'error'> {
  if (data.effect === bar.effect) {
    if (type === 'timer.fired') return { end: 'fired' };
    if (type === 'child.completed' && endedBadly(data.output)) {
      const { status, reason } = data.output as { readonly status: string; readonly reason?: Json };
      return { end: bar.abortingSeq === undefined && status !== 'cancelled' ? 'failed' : 'aborted', error: { code: status, message: typeof reason === 'string' ? reason : `${bar.name} ${status}` } };
    }
    if (type === 'activity.completed' || type === 'child.completed') return { end: 'done' };
    const { code, message } = data.error as { code: string; message: string };
    return { end: bar.abortingSeq === undefined ? 'failed' : 'aborted', error: { code, message } };
  }
  if (bar.due === undefined) return { end: 'aborted' };
  const isSetAgain = Object.entries(state.timers).some(([effect, { timer }]) => effect.startsWith(`${state.seq}:`) && timer === bar.name);
  return { end: isSetAgain ? 'replaced' : 'cancelled' };
}
