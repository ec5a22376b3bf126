import { z } from 'zod';
import { TerminalError } from '../../kernel/errors.ts';
import type { ActorName, EffectId, ParentRef } from '../../kernel/record.ts';
import type { Delivery } from '../ports/queue.ts';
import { parseBody } from './intake.ts';

/** Commands that only hosts send to each other. A leading `_` keeps them apart from a chart's own. */
export const internal = {
  create: '_create',
  timerDue: '_timer',
  childEnded: '_child',
  childBlocked: '_child_blocked',
  childStopped: '_child_stopped',
  childResumed: '_child_resumed',
} as const;

/** How a child says how it stands. */
export const childNews = { blocked: internal.childBlocked, stopped: internal.childStopped, on: internal.childResumed } as const;

/** Facts that come as messages: they are work in flight, never wishes. */
const facts: readonly string[] = [internal.timerDue, internal.childEnded, ...Object.values(childNews)];

export const isInternalFact = (command: string): boolean => facts.includes(command);

export const isInternal = (command: string): boolean => command.startsWith('_');

const effect = z.custom<EffectId>((value) => typeof value === 'string' && /^\d+:\d+$/.test(value), 'not an effect id');
const actor = z.custom<ActorName>((value) => typeof value === 'string' && /^[A-Za-z0-9_-]+\/[A-Za-z0-9_-]+$/.test(value), 'not an actor');
const seq = z.int().positive();
const failure = z.object({ name: z.string(), code: z.string(), message: z.string(), retryable: z.boolean(), hint: z.string().optional() });

const bodies = {
  _create: z.object({ input: z.json(), parent: z.object({ actor, effect }) }),
  _timer: z.object({ timer: z.string(), effect }),
  _child_blocked: z.object({ effect, seq, blocked: z.object({ actor, reason: z.string(), commands: z.array(z.string()) }) }),
  _child_stopped: z.object({ effect, seq }),
  _child_resumed: z.object({ effect, seq }),
  _child: z.object({ effect, outcome: z.union([z.object({ ok: z.literal(true), output: z.json() }), z.object({ ok: z.literal(false), error: failure })]) }),
} as const;

/** The body of a command from another host. Anybody can publish one, so it is checked like any other. @throws TerminalError `bad_body`. */
export function internalBody<Name extends keyof typeof bodies>(name: Name, delivery: Delivery): z.output<(typeof bodies)[Name]> {
  const result = bodies[name].safeParse(parseBody(delivery));
  if (result.success) return result.data as z.output<(typeof bodies)[Name]>;
  throw new TerminalError('bad_body', `the body of ${delivery.subject} is not what workers send each other`, { cause: result.error, hint: `commands that begin with _ are the workers' own; publish the chart's commands` });
}

/** Who waits for the actor that this message wants to create. */
export function parentIn(delivery: Delivery): ParentRef | undefined {
  if (delivery.command !== internal.create) return undefined;
  try {
    return internalBody(internal.create, delivery).parent;
  } catch {
    return undefined;
  }
}
