import type { Definition } from '../../../kernel/definition.ts';
import type { Json, JsonObject } from '../../../kernel/json.ts';
import type { EffectId, LogRecord } from '../../../kernel/record.ts';
import type { ActorState } from '../../../kernel/state.ts';
import { contextOf } from '../../../kernel/status.ts';
import type { Chart } from '../chart.ts';
import { asAt, endOf, type Bar, type Grown, type Lane, type Waterfall } from './bar.ts';
import { laneStatus } from './lane-status.ts';
import { lanesOf } from './lanes.ts';
import type { Moment } from './moment.ts';
import { standing, type Still } from './standing.ts';
import { thinned } from './thin.ts';

export type { Bar, BarEnd, Lane, Waterfall } from './bar.ts';
export type { BarKind } from './lanes.ts';

export interface WaterfallFold {
  /** `state` is the one after the record, and `moment` what it did. */
  add(state: ActorState, record: LogRecord, moment: Moment): void;
  result(upTo: number): Waterfall;
}

/** Folds what begins and ends between two states: a bar is an effect that was running, or the time that a lane stood still. */
export function waterfall(definition: Definition, chart: Chart): WaterfallFold {
  const lanes = lanesOf(definition, chart);
  const { steps, placeOf } = lanes;
  const stillNow = standing(chart, lanes);
  const bars: Grown[] = [];
  const open = new Map<EffectId, Grown>();
  /** By lane: the time that it stands still, and the child that goes on after that. */
  const still = new Map<string, { readonly bar: Grown; readonly child: Grown | undefined }>();
  const counts = new Map<string, number>();
  const moments: { readonly at: number; readonly statuses: Json }[] = [];

  const push = (bar: Grown, isOpen = true): Grown => {
    bars.push(bar);
    if (isOpen) open.set(bar.effect, bar);
    return bar;
  };
  const attemptIn = (lane: string, kind: Bar['kind']): number => {
    const attempt = (counts.get(`${lane} ${kind}`) ?? 0) + 1;
    counts.set(`${lane} ${kind}`, attempt);
    return attempt;
  };
  const begin = (effect: EffectId, what: string, isTimer: boolean, { at, seq }: LogRecord, more: Partial<Bar>): void => {
    const { lane, kind, name } = placeOf(what, isTimer);
    push({ effect, kind, name, attempt: attemptIn(lane, kind), from: at, fromSeq: seq, end: 'running', lane, ...more });
  };
  const markAborting = (effect: EffectId, seq: number): void => {
    const bar = open.get(effect);
    if (bar !== undefined) bar.abortingSeq ??= seq;
  };
  const stand = (lane: string, kind: Still, child: Grown | undefined, { at, seq }: LogRecord): void => {
    const bar: Grown = { effect: `${seq}:0`, name: lane, ...child, kind, attempt: attemptIn(lane, kind), lane, from: at, fromSeq: seq, end: 'running' };
    // No effect of its own stands behind a step's pause.
    still.set(lane, { bar: push(bar, child !== undefined), child });
  };
  /** Where nothing goes on, a child's bar ends; when it goes on, that is another bar of the same attempt. */
  const standStill = (now: ReadonlyMap<string, Still>, record: LogRecord): void => {
    const over = { to: record.at, toSeq: record.seq };
    for (const [lane, { bar, child }] of still) {
      if (bar.end === 'running' && now.get(lane) === bar.kind) continue;
      still.delete(lane);
      if (bar.end !== 'running') continue;
      Object.assign(bar, { ...over, end: 'fired' });
      if (child !== undefined) open.delete(bar.effect);
      const goesOn = child === undefined ? undefined : { ...child, ...(bar.abortingSeq === undefined ? {} : { abortingSeq: bar.abortingSeq }) };
      const other = now.get(lane);
      if (other !== undefined) stand(lane, other, goesOn, record);
      else if (goesOn !== undefined) push({ ...goesOn, from: record.at, fromSeq: record.seq });
    }
    for (const [lane, kind] of now) {
      if (still.has(lane)) continue;
      const child = [...open.values()].find((bar) => bar.lane === lane && bar.kind === 'child');
      stand(lane, kind, child === undefined ? undefined : { ...child }, record);
      if (child !== undefined) Object.assign(child, { ...over, end: 'stopped' });
    }
  };

  return {
    add(state, record, moment) {
      const running = new Set([...Object.keys(state.activities), ...Object.keys(state.timers), ...Object.keys(state.children)]);
      for (const [effect, bar] of open) {
        if (running.has(effect)) continue;
        open.delete(effect);
        Object.assign(bar, { to: record.at, toSeq: record.seq, ...endOf(bar, record, state) });
      }
      standStill(stillNow(state, record, moment), record);
      for (const [effect, { activity }] of entries(state.activities)) if (!open.has(effect)) begin(effect, activity, false, record, {});
      for (const [effect, { child, actor }] of entries(state.children)) if (!open.has(effect)) begin(effect, child, false, record, { actor });
      for (const [effect, { timer, due }] of entries(state.timers)) if (!open.has(effect)) begin(effect, timer, true, record, { due });
      for (const [effect, { aborting }] of entries(state.activities)) if (aborting) markAborting(effect, record.seq);
      for (const effect of moment.effects) if (effect.kind === 'child.stop') markAborting(effect.target, record.seq);
      moments.push({ at: record.at, statuses: steps.length === 0 ? null : ((contextOf(state) as JsonObject).steps ?? null) });
    },
    result(upTo) {
      const now = moments[upTo - 1];
      const shown = bars.filter(({ fromSeq }) => fromSeq <= upTo).map((bar) => ({ lane: bar.lane, bar: asAt(bar, upTo) }));
      const names = [...new Set([...steps, ...shown.map(({ lane }) => lane)])];
      const [from, to] = [moments[0]?.at ?? 0, now?.at ?? 0];
      const laneOf = (name: string): Lane => {
        const its = shown.filter(({ lane }) => lane === name).map(({ bar }) => bar);
        return { name, status: laneStatus(statusIn(now?.statuses ?? null, name), its, upTo), bars: thinned(its, from, to) };
      };
      return { from, to, lanes: names.map(laneOf) };
    },
  };
}

const entries = <T>(of: Readonly<Record<EffectId, T>>): [EffectId, T][] => Object.entries(of) as [EffectId, T][];

function statusIn(statuses: Json, step: string): string | null {
  const progress = (statuses as JsonObject | null)?.[step];
  const status = typeof progress === 'object' && progress !== null ? (progress as JsonObject).status : undefined;
  return typeof status === 'string' ? status : null;
}
