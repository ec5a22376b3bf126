import type { Definition } from '../../../kernel/definition.ts';
import type { Json, JsonObject } from '../../../kernel/json.ts';
import type { EffectId, LogRecord } from '../../../kernel/record.ts';
import type { ActorState } from '../../../kernel/state.ts';
import { contextOf } from '../../../kernel/status.ts';
import type { Chart } from '../chart.ts';
import { endedBadly } from '../../story.ts';
import { lanesOf, type BarKind } from './lanes.ts';
import { thinned } from './thin.ts';

export type { BarKind } from './lanes.ts';

/** `running` has not ended yet; `replaced` is a timer set anew. */
export type BarEnd = 'running' | 'done' | 'failed' | 'aborted' | 'fired' | 'cancelled' | 'replaced';

/** One thing that took time: an attempt, an undo, a wait. Times in ms since the epoch. */
export interface Bar {
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
  /** What a saga says of the step: pending, done, skipped, undone and so on; null elsewhere. */
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

export interface WaterfallFold {
  /** `state` is the one after the record. */
  add(state: ActorState, record: LogRecord): void;
  result(upTo: number): Waterfall;
}

type Grown = { -readonly [K in keyof Bar]: Bar[K] } & { lane: string; abortingSeq?: number };

/** Folds what begins and ends between two states: a bar is an effect that was running. */
export function waterfall(definition: Definition, chart: Chart): WaterfallFold {
  const { steps, placeOf } = lanesOf(definition, chart);
  const bars: Grown[] = [];
  const open = new Map<EffectId, Grown>();
  const counts = new Map<string, number>();
  const moments: { readonly at: number; readonly statuses: Json }[] = [];

  const begin = (effect: EffectId, what: string, isTimer: boolean, { at, seq }: LogRecord, more: Partial<Bar>): void => {
    const { lane, kind, name } = placeOf(what, isTimer);
    const attempt = (counts.get(`${lane} ${kind}`) ?? 0) + 1;
    counts.set(`${lane} ${kind}`, attempt);
    const bar: Grown = { effect, kind, name, attempt, from: at, fromSeq: seq, end: 'running', lane, ...more };
    bars.push(bar);
    open.set(effect, bar);
  };

  return {
    add(state, record) {
      const running = new Set([...Object.keys(state.activities), ...Object.keys(state.timers), ...Object.keys(state.children)]);
      for (const [effect, bar] of open) {
        if (running.has(effect)) continue;
        open.delete(effect);
        Object.assign(bar, { to: record.at, toSeq: record.seq, ...endOf(bar, record, state) });
      }
      for (const [effect, { activity, aborting }] of entries(state.activities)) {
        if (!open.has(effect)) begin(effect, activity, false, record, {});
        const bar = open.get(effect);
        if (aborting && bar !== undefined) bar.abortingSeq ??= record.seq;
      }
      for (const [effect, { child, actor }] of entries(state.children)) if (!open.has(effect)) begin(effect, child, false, record, { actor });
      for (const [effect, { timer, due }] of entries(state.timers)) if (!open.has(effect)) begin(effect, timer, true, record, { due });
      moments.push({ at: record.at, statuses: steps.length === 0 ? null : ((contextOf(state) as JsonObject).steps ?? null) });
    },
    result(upTo) {
      const now = moments[upTo - 1];
      const shown = bars.filter(({ fromSeq }) => fromSeq <= upTo).map((bar) => ({ lane: bar.lane, bar: asAt(bar, upTo) }));
      const names = [...new Set([...steps, ...shown.map(({ lane }) => lane)])];
      const [from, to] = [moments[0]?.at ?? 0, now?.at ?? 0];
      const barsIn = (name: string): readonly Bar[] => thinned(shown.filter(({ lane }) => lane === name).map(({ bar }) => bar), from, to);
      return { from, to, lanes: names.map((name) => ({ name, status: statusIn(now?.statuses ?? null, name), bars: barsIn(name) })) };
    },
  };
}

const entries = <T>(of: Readonly<Record<EffectId, T>>): [EffectId, T][] => Object.entries(of) as [EffectId, T][];

/** The bar as it stood after a record: what came later is not known yet. */
function asAt({ lane: _lane, abortingSeq, ...bar }: Grown, upTo: number): Bar {
  const isAborting = abortingSeq !== undefined && abortingSeq <= upTo;
  const marked = isAborting ? { ...bar, aborting: true } : bar;
  if (bar.toSeq === undefined || bar.toSeq <= upTo) return marked;
  const { to: _to, toSeq: _toSeq, error: _error, ...begun } = marked;
  return { ...begun, end: 'running' };
}

function endOf(bar: Grown, { type, data }: LogRecord, state: ActorState): Pick<Bar, 'end' | 'error'> {
  if (data.effect === bar.effect) {
    if (type === 'timer.fired') return { end: 'fired' };
    if (type === 'child.completed' && endedBadly(data.output)) {
      const { status, reason } = data.output as { readonly status: string; readonly reason?: Json };
      return { end: bar.abortingSeq === undefined ? 'failed' : 'aborted', error: { code: status, message: typeof reason === 'string' ? reason : `${bar.name} ${status}` } };
    }
    if (type === 'activity.completed' || type === 'child.completed') return { end: 'done' };
    const { code, message } = data.error as { code: string; message: string };
    return { end: bar.abortingSeq === undefined ? 'failed' : 'aborted', error: { code, message } };
  }
  if (bar.due === undefined) return { end: 'aborted' };
  const isSetAgain = Object.entries(state.timers).some(([effect, { timer }]) => effect.startsWith(`${state.seq}:`) && timer === bar.name);
  return { end: isSetAgain ? 'replaced' : 'cancelled' };
}

function statusIn(statuses: Json, step: string): string | null {
  const progress = (statuses as JsonObject | null)?.[step];
  const status = typeof progress === 'object' && progress !== null ? (progress as JsonObject).status : undefined;
  return typeof status === 'string' ? status : null;
}
