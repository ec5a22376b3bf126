import type { Definition } from '../../kernel/definition.ts';
import { allowedNow } from '../../kernel/judge.ts';
import { MillraceError, TerminalError } from '../../kernel/errors.ts';
import { blockageOf } from '../../kernel/blockage.ts';
import type { LogRecord } from '../../kernel/record.ts';
import type { ControlRequest } from '../../kernel/request.ts';
import { requestsIn } from '../../kernel/request.ts';
import type { ActorState } from '../../kernel/state.ts';
import { contextOf, outputOf } from '../../kernel/status.ts';
import type { Moment } from '../../projections/chart/time/moment.ts';
import { timeline, type Timeline } from '../../projections/chart/time/timeline.ts';
import { choices, whatIf, type Supposed } from '../../projections/chart/time/what-if.ts';
import type { Waterfall } from '../../projections/chart/time/waterfall.ts';
import type { ActorFace, ShownMoment, ShownWhatIf } from '../protocol.ts';
import { shown } from '../shown.ts';
import { folding } from './folding.ts';

/**
 * An actor's past and present, folded once and gone through freely. What it gives is without secrets. What is asked
 * about a record waits until that one is folded; what is not asked of one is about what is folded so far.
 */
export interface Past {
  readonly definition: Definition;
  readonly chart: Timeline['chart'];
  /** Why it could not be folded any further: the machine is another one than the log's. */
  readonly broken: ActorFace['notDrawn'];
  /** So many records are folded. */
  readonly length: number;
  /** Folds in slices, so that nobody waits for a long log; resolves when it is done. */
  append(records: readonly LogRecord[]): Promise<void>;
  /** Right after the newest record that is folded; undefined before the first. */
  now(): ShownMoment | undefined;
  moment(seq: number): Promise<ShownMoment>;
  waterfall(upTo?: number): Promise<Waterfall>;
  choices(seq: number): Promise<readonly Supposed[]>;
  whatIf(seq: number, supposed: Supposed): Promise<ShownWhatIf>;
  requests(): readonly ControlRequest[];
  /** The record that first entered a state or took a transition, by id; those of records after `since` alone. */
  passed(since: number): Readonly<Record<string, number>>;
  /** Likewise the children it began. */
  children(since: number): Readonly<Record<string, number>>;
}

export function pastOf(definition: Definition): Past {
  const time = timeline(definition);
  const children = new Map<string, number>();
  let broken: ActorFace['notDrawn'];

  const folds = folding<LogRecord>((record) => {
    time.append(record);
    for (const effect of time.last().effects) if (effect.kind === 'child.start' && !children.has(effect.actor)) children.set(effect.actor, record.seq);
  });
  const momentOf = (moment: Moment, state: ActorState): ShownMoment => {
    const blocked = blockageOf(state);
    return shown({ ...moment, context: contextOf(state), output: outputOf(state), allowed: allowedNow(definition, state), ...(blocked === undefined ? {} : { blocked }) });
  };
  const momentAt = (seq: number): ShownMoment => momentOf(time.at(seq), time.stateAt(seq));

  return {
    definition,
    chart: time.chart,
    get broken() { return broken; },
    get length() { return time.length; },
    async append(records) {
      if (broken !== undefined) return;
      await folds.add(records).catch((error: unknown) => { broken = asProblem(error); });
    },
    now: () => (time.length === 0 ? undefined : momentAt(time.length)),
    async moment(seq) {
      await folds.reached(seq);
      return momentAt(seq);
    },
    async waterfall(upTo = Infinity) {
      await folds.reached(upTo);
      return shown(time.waterfall(Math.min(upTo, time.length)));
    },
    async choices(seq) {
      await folds.reached(seq);
      return shown(choices(definition, time.stateAt(seq), time.chart));
    },
    async whatIf(seq, supposed) {
      await folds.reached(seq);
      const tried = whatIf(definition, time.stateAt(seq), supposed, time.chart);
      return tried.accepted ? { accepted: true, moment: momentOf(tried.moment, tried.state) } : shown(tried);
    },
    requests: () => (time.length === 0 ? [] : shown(requestsIn(definition, time.stateAt(time.length)))),
    passed: (since) => Object.fromEntries(time.passed(time.length, since)),
    children: (since) => after(children, since),
  };
}

const after = (first: ReadonlyMap<string, number>, since: number): Readonly<Record<string, number>> => Object.fromEntries([...first].filter(([, seq]) => seq > since));

export function asProblem(error: unknown): NonNullable<ActorFace['notDrawn']> {
  if (!(error instanceof MillraceError)) throw error;
  const { code, message, hint } = error;
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}

/** @throws TerminalError `not_drawn`. */
export function requirePast(past: Past | undefined, actor: string): Past {
  if (past !== undefined) return past;
  throw new TerminalError('not_drawn', `the machine of ${actor} is not known to this console`, { hint: 'start the console with --machines and the module that defines it' });
}
