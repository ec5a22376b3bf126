import type { AnyActorRef } from 'xstate';
import { parseActor } from './names.ts';

/**
 * Another actor as a target of `sendTo`: `sendTo(actorRef('order/o1'), { type: 'pay' })`. The event goes out
 * as a command. Inside a chart only its name is known. @throws TerminalError `bad_actor_name`.
 */
export function actorRef(name: string): AnyActorRef {
  return Object.freeze({ id: parseActor(name).actor }) as unknown as AnyActorRef;
}
