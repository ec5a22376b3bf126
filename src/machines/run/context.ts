import { z } from 'zod';
import { redact } from '../../kernel/redact.ts';
import type { ControlRequest } from '../../kernel/request.ts';
import { exitStatus, reason } from '../promise/input.ts';
import { cadenceOf, type Cadence } from './cadence.ts';
import { runInput, type RunInput } from './input.ts';
import type { RunOutput } from './output.ts';
import type { RunStatus } from './runner.ts';

/** Why the build is not wanted any more. The first reason stands. */
export interface Unwanted {
  readonly because: 'cancel' | 'deadline' | 'unreachable';
  readonly reason: string;
}

/** A failure that was declared before the build ended: a floor for the final status. */
export interface Promised {
  readonly exitStatus: number;
  readonly reason?: string;
}

/** What went wrong last, for people. `at`: ms since the epoch. */
export interface LastError {
  readonly code: string;
  readonly message: string;
  readonly at: number;
}

/** Why Millrace gave a build up that it could not start, ask or stop. Becomes a dead letter. */
export interface GivenUp {
  readonly code: 'runner_unreachable' | 'trigger_failed' | 'cancel_unconfirmed';
  readonly reason: string;
}

/** Everything a run knows. Plain JSON; `null` is "not yet" or "not now". */
export interface RunContext {
  readonly request: Pick<RunInput, 'runner' | 'base' | 'head' | 'metadata'>;
  readonly cadence: Cadence;
  readonly deadlineMs: number;
  readonly cancelGraceMs: number;
  readonly startGraceMs: number;
  /** When the time is up, ms since the epoch; null while the build is stopped. */
  readonly deadlineAt: number | null;
  /** What is left of the time while the build is stopped. */
  readonly leftMs: number | null;
  readonly buildId: string | null;
  /** Its runner can stop and start it. */
  readonly pausable: boolean;
  /** Of the start that was accepted last: a sample of an older one says nothing about now. */
  readonly generation: number;
  /** What the runner said last. */
  readonly status: RunStatus;
  /** Where people can look at the build, once the runner has said it. */
  readonly url: string | null;
  /** Calls that failed one after the other; a success forgets them. */
  readonly failures: number;
  /** How long the runner wants to be left alone after the last failure, ms; 0: it did not say. */
  readonly wishedMs: number;
  /** How often the runner was asked to cancel. */
  readonly asks: number;
  /** Somebody said that there is news: ask again at once. */
  readonly signalled: boolean;
  /** Said while a stop or a start was on its way: what to do when it has arrived. */
  readonly next: 'stop' | 'start' | null;
  /** What people asked of it and what became of that: what is pending, and what was settled last. */
  readonly requests: readonly ControlRequest[];
  /** Another actor made it, and may ask it to stop and to start. */
  readonly isChild: boolean;
  /** Its parent asked last, under this name, and is told when that is settled. */
  readonly tells: string | null;
  readonly unwanted: Unwanted | null;
  /** Not null: the build is failing, whatever it still does. */
  readonly promised: Promised | null;
  readonly lastError: LastError | null;
  readonly givenUp: GivenUp | null;
  readonly ended: RunOutput | null;
}

const words = z.string().transform((text) => redact(text)).optional();
const reasoned = z.strictObject({ reason: words });
const pausing = z.strictObject({
  reason: words,
  /** Of a parent: it wants to be told what became of it, under this name. It is taken at any time. */
  tell: z.string().optional(),
});

/** The bodies of the commands a run takes. */
export const runCommands = {
  cancel: reasoned,
  stop: pausing,
  start: pausing,
  signal: z.object({}).loose(),
  promise: z.strictObject({ exitStatus, reason: reason.optional() }),
} as const;

export type RunEvent =
  | { readonly type: 'cancel' | 'stop' | 'start'; readonly reason?: string; readonly tell?: string }
  | { readonly type: 'signal' }
  | ({ readonly type: 'promise' } & Promised);

/** `at`: when it is created, ms since the epoch. */
export function firstContext(input: unknown, { at, isChild }: { readonly at: number; readonly isChild: boolean }): RunContext {
  const { runner, base, head, metadata, poll, deadlineMs, cancelGraceMs, startGraceMs } = runInput.parse(input);
  return {
    request: { runner, base, head, metadata }, cadence: cadenceOf({ runner, poll }), deadlineMs, cancelGraceMs, startGraceMs,
    deadlineAt: at + deadlineMs, leftMs: null, buildId: null, pausable: false, generation: 0, status: 'unknown', url: null, failures: 0, wishedMs: 0, asks: 0,
    signalled: false, next: null, requests: [], isChild, tells: null, unwanted: null, promised: null, lastError: null, givenUp: null, ended: null,
  };
}
