import type { z } from 'zod';
import { messageOf, badSaga } from './failures.ts';
import { given } from './data.ts';
import { isChild, timeoutOf } from './find.ts';
import { choosingUndo, controlCommands, workStates } from './names.ts';
import { isByNeeds } from './needs.ts';
import type { RetryPolicy, Step } from './step.ts';
import type { SagaSpec } from './types.ts';
import { checkData } from './checks-data.ts';

const token = /^[A-Za-z0-9_-]+$/;
const kebab = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** Everything that can be known to be wrong before the first saga runs. @throws TerminalError, named after what is wrong. */
export function checkSpec(spec: SagaSpec): void {
  const { name, steps, createdBy = 'create' } = spec;
  if (!token.test(name)) throw badSaga('bad_saga_name', `"${name}" cannot name a saga`, 'Use a-z, A-Z, 0-9, "-" and "_" only.');
  if (!token.test(createdBy) || (controlCommands as readonly string[]).includes(createdBy)) {
    throw badSaga('bad_saga_command', `saga "${name}" cannot be created by the command "${createdBy}"`, `Choose one token that is none of ${controlCommands.join(', ')}.`);
  }
  if (steps.length === 0) throw badSaga('no_steps', `saga "${name}" has no steps`, 'Give it at least one step.');
  if (spec.order !== undefined && !['listed', 'by-needs'].includes(spec.order)) throw badSaga('bad_saga_order', `the steps of saga "${name}" cannot run ${JSON.stringify(spec.order)}`, "Choose 'listed' or 'by-needs'.");
  if (spec.rules?.retry) checkRetry(name, 'rules.retry', spec.rules.retry);
  if (spec.rules?.undoRetry) checkRetry(name, 'rules.undoRetry', spec.rules.undoRetry);
  const seen = new Set<string>();
  for (const step of steps) {
    checkAfter(spec, step, seen);
    checkName(step.name, seen);
    checkShape(step);
  }
  checkData(spec);
}

function checkAfter(spec: SagaSpec, { name, after }: Step, earlier: ReadonlySet<string>): void {
  if (isByNeeds(spec) && (name === choosingUndo || /^side-by-side-\d+$/.test(name))) {
    throw badSaga('reserved_step_name', `step name "${name}" is taken by the chart itself`, 'Choose another name.');
  }
  if (after === undefined) return;
  if (!isByNeeds(spec)) throw badSaga('bad_after', `step "${name}" says after, and the steps of saga "${spec.name}" run in the order of the list anyway`, "Drop after, or give the saga order: 'by-needs'.");
  const wrong = after.find((other) => !earlier.has(other));
  if (wrong !== undefined) throw badSaga('bad_after', `step "${name}" comes after "${wrong}", which is no step before it in the list`, 'Name steps that stand before it.');
}

function checkName(name: string, seen: Set<string>): void {
  if (!kebab.test(name)) throw badSaga('bad_step_name', `"${name}" cannot name a step`, 'Use kebab-case: a state of the chart and a NATS subject token are named after it.');
  if ((workStates as readonly string[]).includes(name) || /^(undo|check|final-check)-/.test(name)) {
    throw badSaga('reserved_step_name', `step name "${name}" is taken by the chart itself`, `Choose a name that is none of ${workStates.join(', ')} and begins with none of undo-, check- and final-check-.`);
  }
  if (seen.has(name)) throw badSaga('duplicate_step', `two steps are named "${name}"`, 'Give every step a name of its own.');
  seen.add(name);
}

function checkShape(step: Step): void {
  const { name } = step;
  const has = (key: string): boolean => (step as unknown as Record<string, unknown>)[key] !== undefined;
  if (has('run') === has('child')) {
    throw badSaga('bad_step_work', `step "${name}" has ${has('run') ? 'both run and child' : 'neither run nor child'}`, 'A step is either an activity (run) or a child actor (child).');
  }
  for (const key of ['check', 'timeoutMs']) {
    if (has('child') && has(key)) throw badSaga('bad_child_step', `step "${name}" is a child actor and cannot have ${key}`, 'The child itself knows what is done and how long it may take.');
  }
  if (has('child') && !(has('childInput') && has('settle'))) {
    throw badSaga('bad_child_step', `step "${name}" is a child actor without childInput or settle`, 'childInput makes its input, settle reads its output.');
  }
  checkOnStop(step);
  const timeoutMs = timeoutOf(step) ?? 1;
  if (!(Number.isFinite(timeoutMs) && timeoutMs > 0)) {
    throw badSaga('bad_timeout', `timeoutMs of step "${name}" is ${timeoutMs}`, 'Give milliseconds above 0.');
  }
  if (step.retry) checkRetry(name, 'retry', step.retry);
  if (step.undoRetry) checkRetry(name, 'undoRetry', step.undoRetry);
  if (step.undoRetry && !step.undo) throw badSaga('bad_retry', `step "${name}" has undoRetry but no undo`, 'Add undo, or drop undoRetry.');
  checkSkip(step);
}

function checkOnStop(step: Step): void {
  const { onStop } = step as { readonly onStop?: unknown };
  if (onStop === undefined) return;
  if (!isChild(step)) throw badSaga('bad_child_step', `step "${step.name}" says onStop, and has no child`, 'What runs by itself is aborted, and done again after start.');
  if (onStop !== 'cancel' && onStop !== 'stop') throw badSaga('bad_child_step', `onStop of step "${step.name}" is ${JSON.stringify(onStop)}`, "Choose 'cancel' or 'stop'.");
  const missing = onStop === 'stop' ? ['stop', 'start'].find((command) => step.child.commands?.[command] === undefined) : undefined;
  if (missing !== undefined) throw badSaga('bad_child_step', `step "${step.name}" hands stop and start on, and its child knows no command "${missing}"`, 'Leave onStop out, or choose a child that takes both, as sagas do.');
}

function checkSkip(step: Step): void {
  if (step.skipGives !== undefined && !step.skipIf) throw badSaga('bad_skip_gives', `step "${step.name}" has skipGives but no skipIf`, 'Add skipIf, or drop skipGives.');
  if (!step.skipIf) return;
  try {
    given(step, step.skipGives ?? {} satisfies z.input<z.ZodObject>);
  } catch (error) {
    throw badSaga('bad_skip_gives', `step "${step.name}" may be skipped, but what it then gives does not fit its gives schema: ${messageOf(error)}`, 'Give skipGives every required key, or make the keys optional.');
  }
}

function checkRetry(owner: string, field: string, { attempts, delayMs, factor = 2, maxDelayMs = 0 }: RetryPolicy): void {
  const sound = Number.isInteger(attempts) && attempts >= 1 && Number.isFinite(delayMs) && delayMs >= 0
    && Number.isFinite(factor) && factor >= 1 && Number.isFinite(maxDelayMs) && maxDelayMs >= 0;
  if (!sound) throw badSaga('bad_retry', `${field} of "${owner}" cannot be followed`, 'attempts is a whole number from 1, delayMs and maxDelayMs are milliseconds, factor is at least 1.');
}
