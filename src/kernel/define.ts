import type { AnyStateMachine } from 'xstate';
import type { z } from 'zod';
import { isBuiltIn } from './checks-actions.ts';
import { checkChart } from './checks.ts';
import type { ActivityCode, Definition, RefusalWords } from './definition.ts';
import { TerminalError } from './errors.ts';
import { definitionHash } from './hash.ts';
import { commandProblem, requireToken } from './names.ts';
import { tryInitial } from './try-initial.ts';
import { logicKind } from './xstate-logic.ts';

export interface MachineOptions {
  /** An ordinary XState machine. */
  readonly machine: AnyStateMachine;
  /** The actor type. Default: the machine's id. */
  readonly name?: string;
  /** One subject token; give a new one when code changes that the chart's shape does not show: guards, assigns, activities. */
  readonly version: string;
  /**
   * Earlier versions whose actors this definition goes on with: it folds their logs from the first record on, and
   * refuses an actor whose log it cannot fold. Default: none; an actor is finished by the definition that began it.
   */
  readonly resumesFrom?: readonly string[];
  /** The command that creates an actor. Default `create`. */
  readonly createdBy?: string;
  /** What the creating command's body must be. */
  readonly input?: z.ZodType;
  /** What other commands' bodies must be. */
  readonly commands?: Readonly<Record<string, z.ZodType>>;
  /** What to say when a command is refused, by its name. Default: that it cannot be taken in the state the actor is in. */
  readonly refusals?: Readonly<Record<string, RefusalWords>>;
  /** Where the context keeps the requests of the people who control it, oldest first. A command that only repeats a pending one is answered with that. Pure. */
  readonly requests?: Definition['requests'];
  /** See {@link Definition.answersParent}. Default: a saga that is stopped cancels it. */
  readonly answersParent?: boolean;
  /** See {@link Definition.example}. */
  readonly example?: Definition['example'];
  /** See {@link Definition.exampleOutput}. Default: a child's own `example`. */
  readonly exampleOutput?: Definition['exampleOutput'];
  /** Code for invokes, by `src`, beside what the machine brings along in `setup({ actors })`. */
  readonly activities?: Readonly<Record<string, ActivityCode>>;
  /** Child machines for invokes, by `src`. They are actors of their own. */
  readonly children?: Readonly<Record<string, Definition>>;
}

/**
 * Make a machine durable. Everything that cannot be is refused here, as far as it shows.
 * @throws TerminalError `bad_machine_name`, `bad_version`, `bad_resumes_from`, `bad_command_name`, `bad_event_name`,
 * `invoke_without_id`, `bad_invoke_id`, `duplicate_invoke_id`, `invoke_on_snapshot`, `inline_logic`,
 * `not_durable_logic`, `missing_activity`, `missing_child`, `duplicate_src`, `spawn_without_id`, `inline_action`,
 * `missing_guard`, `missing_delay`, `context_not_json`, `spawn_in_assign`, `endless_transition`.
 */
export function defineMachine(options: MachineOptions): Definition {
  const { machine, name = machine.id, version, resumesFrom = [], createdBy = 'create', input, commands = {}, refusals = {}, requests, answersParent = false, example } = options;
  requireToken(name, 'bad_machine_name', 'the machine\'s name');
  requireToken(version, 'bad_version', `the version of "${name}",`);
  requireEarlier(name, version, resumesFrom);
  for (const command of [createdBy, ...Object.keys(commands), ...Object.keys(refusals)]) requireCommand(name, command);

  const children = Object.fromEntries(Object.entries(options.children ?? {}).map(([src, child]) => [src, child.stamp.name]));
  const activities = activitiesOf(machine, options, name);
  checkChart(machine, { activities, children });
  const exampleOutput = options.exampleOutput ?? ((src: string) => (Object.hasOwn(options.children ?? {}, src) ? options.children?.[src]?.example?.() : undefined));
  const definition: Definition = {
    stamp: { name, version, hash: definitionHash(name, version, machine) },
    resumesFrom, machine, createdBy, input, commands, refusals, requests, answersParent, example, exampleOutput, activities, children, actions: actionsOf(machine),
  };
  tryInitial(definition);
  return definition;
}

function requireEarlier(name: string, version: string, resumesFrom: readonly string[]): void {
  for (const earlier of resumesFrom) requireToken(earlier, 'bad_resumes_from', `a version that "${name}" resumes from,`);
  if (!resumesFrom.includes(version)) return;
  throw new TerminalError('bad_resumes_from', `"${name}" ${version} resumes from its own version`, { hint: 'a changed definition needs a version of its own; name the earlier ones here' });
}

function requireCommand(name: string, command: string): void {
  const problem = commandProblem(command);
  if (problem !== undefined) throw new TerminalError('bad_command_name', `"${name}" has a command that cannot be one: ${problem}`, { hint: 'name it with letters, digits, - and _ only' });
}

function activitiesOf(machine: AnyStateMachine, { activities = {}, children = {} }: MachineOptions, name: string): Record<string, ActivityCode> {
  const code: Record<string, ActivityCode> = {};
  for (const [src, logic] of Object.entries(machine.implementations.actors)) {
    if (Object.hasOwn(children, src) || Object.hasOwn(activities, src)) continue;
    const found = logicKind(logic);
    if (found.kind === 'machine') {
      throw new TerminalError('missing_child', `"${name}" names the machine "${src}", which is not made durable`, { hint: `pass children: { ${src}: defineMachine({ … }) }` });
    }
    if (found.kind === 'other') {
      throw new TerminalError('not_durable_logic', `the logic "${src}" of "${name}" is no promise logic, and what it does between its start and its end would be lost`, { hint: 'use activity(…) or fromPromise(…), or a child machine' });
    }
    code[src] = found.code;
  }
  for (const src of Object.keys(activities)) {
    if (Object.hasOwn(children, src)) {
      throw new TerminalError('duplicate_src', `"${src}" of "${name}" is given both as an activity and as a child`, { hint: 'give it once' });
    }
  }
  return { ...code, ...activities };
}

/** Named actions that are functions of the user's: run by the host. XState's own are resolved by the chart. */
function actionsOf(machine: AnyStateMachine): Definition['actions'] {
  const named = Object.entries(machine.implementations.actions).filter(([, action]) => typeof action === 'function' && !isBuiltIn(action));
  return Object.fromEntries(named) as unknown as Definition['actions'];
}
