import type { Definition } from '../../../kernel/definition.ts';
import { TerminalError } from '../../../kernel/errors.ts';
import type { LogRecord } from '../../../kernel/record.ts';
import type { ActorState } from '../../../kernel/state.ts';
import { chartOf, type Chart } from '../chart.ts';
import { checkpoints } from './checkpoints.ts';
import { stepOf, type Moment, type Step } from './moment.ts';
import { waterfall, type Waterfall } from './waterfall.ts';

/** A log that any moment of can be asked for. */
export interface Timeline {
  readonly chart: Chart;
  /** How many records it has. */
  readonly length: number;
  /** The next record of a log that goes on. @throws as the kernel's `evolve`; then it stays as it was. */
  append(record: LogRecord): void;
  /** Right after the newest record, without folding again. @throws TerminalError `no_such_record` when there is none. */
  last(): Moment;
  /** Right after record `seq`, from 1. @throws TerminalError `no_such_record`. */
  at(seq: number): Moment;
  /** From `first` to `last`, both included; what the log does not have is left out. */
  between(first: number, last: number): readonly Moment[];
  /** The state after record `seq`. @throws TerminalError `no_such_record`. */
  stateAt(seq: number): ActorState;
  /** Every state and transition that was ever entered or taken, by id, and the first record that did: those of records `after` < seq <= `upTo`. */
  passed(upTo?: number, after?: number): ReadonlyMap<string, number>;
  /** What ran and waited when, up to record `upTo`, or all of it. */
  waterfall(upTo?: number): Waterfall;
}

/**
 * Time travel over one actor's log. Folds it once, and keeps states on the way, so that any moment is a short fold
 * away. Reads no clock and executes nothing.
 * @throws as the kernel's `evolve`.
 */
export function timeline(definition: Definition, records: readonly LogRecord[] = []): Timeline {
  const chart = chartOf(definition.machine);
  const log: LogRecord[] = [];
  const states = checkpoints(definition, log);
  const first = new Map<string, number>();
  let last: Step | undefined;
  const bars = waterfall(definition, chart);

  const append = (record: LogRecord): void => {
    const step = stepOf(definition, chart, last?.state, record);
    bars.add(step.state, record, step.moment);
    last = step;
    log.push(record);
    states.keep(step.state);
    const { entered, transitions, seq } = step.moment;
    for (const id of entered) if (!first.has(id)) first.set(id, seq);
    for (const { id } of transitions) if (!first.has(id)) first.set(id, seq);
  };

  const checked = (seq: number): void => {
    if (Number.isInteger(seq) && seq >= 1 && seq <= log.length) return;
    throw new TerminalError('no_such_record', `the log has ${log.length === 0 ? 'no records' : `the records 1 to ${log.length}`}, and no ${seq}`, { hint: 'choose one of those' });
  };

  const between = (from: number, until: number): readonly Moment[] => {
    const begin = Math.max(1, from);
    const moments: Moment[] = [];
    let state = begin > log.length ? undefined : states.after(begin - 1);
    for (const record of log.slice(begin - 1, until)) {
      const step: Step = stepOf(definition, chart, state, record);
      state = step.state;
      moments.push(step.moment);
    }
    return moments;
  };

  for (const record of records) append(record);
  return {
    chart,
    get length() { return log.length; },
    append,
    last() {
      checked(log.length);
      return (last as Step).moment;
    },
    at(seq) {
      checked(seq);
      return seq === log.length ? (last as Step).moment : between(seq, seq)[0] as Moment;
    },
    between,
    stateAt(seq) {
      checked(seq);
      return states.after(seq) as ActorState;
    },
    passed: (upTo = log.length, after = 0) => new Map([...first].filter(([, seq]) => seq > after && seq <= upTo)),
    waterfall: (upTo = log.length) => bars.result(upTo),
  };
}
