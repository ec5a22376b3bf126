import type { Definition } from '../../../kernel/definition.ts';
import { MillraceError } from '../../../kernel/errors.ts';
import { allowedBeside, allowedNow, judge } from '../../../kernel/judge.ts';
import { exampleOf } from '../../../kernel/example.ts';
import type { Json, JsonObject } from '../../../kernel/json.ts';
import type { LogRecord } from '../../../kernel/record.ts';
import type { ActorState } from '../../../kernel/state.ts';
import { hasEnded, valueOf } from '../../../kernel/status.ts';
import { bodyProblem } from '../../body-problem.ts';
import type { Chart } from '../chart.ts';
import { chartOf } from '../chart.ts';
import { stepOf, type Moment } from './moment.ts';

/** A record that might come next: a command with its body, or a fact such as `timer.fired` with its data. */
export interface Supposed {
  readonly type: string;
  readonly data?: JsonObject;
  /** Milliseconds since the epoch. Default: the time of the last record. */
  readonly at?: number;
  readonly by?: string;
}

/** Where the chart would go, and what it would ask for; or why it would not take it. */
export type WhatIf =
  | { readonly accepted: true; readonly moment: Moment; readonly state: ActorState }
  | { readonly accepted: false; readonly code: string; readonly reason: string; readonly hint?: string; readonly value: Json; readonly allowed: readonly string[] };

/** One step from a state, tried and thrown away: nothing is stored and nothing is done. Pure. `chart` saves reading it again. */
export function whatIf(definition: Definition, state: ActorState, supposed: Supposed, chart: Chart = chartOf(definition.machine)): WhatIf {
  const { type, data = {}, at = state.at, by } = supposed;
  const refused = (code: string, reason: string, hint?: string): WhatIf =>
    ({ accepted: false, code, reason, ...(hint === undefined ? {} : { hint }), value: valueOf(state), allowed: allowedBeside(definition, state, type) });
  try {
    const isFact = type.includes('.');
    const body = isFact ? { success: true, data } as const : (definition.commands[type]?.safeParse(data) ?? { success: true, data } as const);
    if (!body.success) return refused('bad_body', bodyProblem(type, data, body.error), 'correct the fields named');
    const given = body.data as JsonObject;
    const verdict = isFact ? { accepted: true } as const : judge(definition, state, type, given);
    if (!verdict.accepted) return verdict;
    const record: LogRecord = {
      actor: state.actor, seq: state.seq + 1, at, type, cause: `what-if:${state.seq + 1}`, ...(by === undefined ? {} : { by }),
      machine: definition.stamp, data: given, chain: state.chain,
    };
    return { accepted: true, ...stepOf(definition, chart, state, record) };
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return refused(error.code, error.message, error.hint);
  }
}

/** What may be tried from a state: the commands it would take, and how each thing it waits for may end; each with data that makes sense, where that is known. `chart` saves reading it again. */
export function choices(definition: Definition, state: ActorState, chart: Chart = chartOf(definition.machine)): readonly Supposed[] {
  if (hasEnded(state)) return [];
  const sources = new Map(chart.states.flatMap(({ invokes }) => invokes.map(({ id, src }) => [id, src])));
  const error = { name: 'RetryableError', code: 'supposed', message: 'supposed to fail', retryable: true };
  const ends = (kind: 'activity' | 'child', name: string, effect: string): readonly Supposed[] => [
    { type: `${kind}.completed`, data: { [kind]: name, effect, output: definition.exampleOutput?.(sources.get(name) ?? name) ?? null } },
    { type: `${kind}.failed`, data: { [kind]: name, effect, error } },
  ];
  return [
    ...allowedNow(definition, state).map((type) => ({ type, data: exampleBody(definition.commands[type]) })),
    ...Object.entries(state.activities).flatMap(([effect, { activity }]) => ends('activity', activity, effect)),
    ...Object.entries(state.children).flatMap(([effect, { child }]) => ends('child', child, effect)),
    ...Object.entries(state.timers).map(([effect, { timer, due }]) => ({ type: 'timer.fired', data: { timer, effect }, at: Math.max(due, state.at) })),
  ];
}

/** A body that can be left out is. */
function exampleBody(schema: Definition['commands'][string] | undefined): JsonObject {
  if (schema === undefined || schema.safeParse({}).success) return {};
  const example = exampleOf(schema);
  return typeof example === 'object' && example !== null && !Array.isArray(example) ? example as JsonObject : {};
}
