import type { Definition } from '../kernel/definition.ts';
import type { Json } from '../kernel/json.ts';
import type { ActorName, MachineStamp } from '../kernel/record.ts';
import { blockageOf } from '../kernel/blockage.ts';
import { requestsIn, type ControlRequest } from '../kernel/request.ts';
import type { ActorState, Blockage, Status } from '../kernel/state.ts';
import { contextOf, statusOf, valueOf, waitingFor } from '../kernel/status.ts';

/** What `millrace show` and `replay` print. */
export interface ActorView {
  readonly actor: ActorName;
  readonly machine: MachineStamp;
  readonly status: Status;
  readonly value: Json;
  readonly context: Json;
  /** Who needs a person, it or a child of it, and which commands that one takes for it. */
  readonly blocked?: Blockage;
  readonly seq: number;
  /** Named things the actor cannot go on without: activities, timers with their moment, children, commands. */
  readonly waitingFor: readonly Json[];
  /** What people asked of it: what is pending, and what was settled last. Oldest first. */
  readonly requests: readonly ControlRequest[];
}

/** An actor's state as people and scripts look at it. Pure. */
export function viewOf(definition: Definition, state: ActorState): ActorView {
  const blocked = blockageOf(state);
  return {
    actor: state.actor,
    machine: state.machine,
    status: statusOf(definition, state),
    value: valueOf(state),
    context: contextOf(state),
    ...(blocked === undefined ? {} : { blocked }),
    seq: state.seq,
    waitingFor: waitingFor(state),
    requests: requestsIn(definition, state),
  };
}
