import type { Json, JsonObject } from './json.ts';
import type { Failure } from './errors.ts';
import type { ActorName, EffectId } from './record.ts';
import type { News } from './state.ts';

/**
 * What a transition asks of the world. The kernel only says it; the host does it, after the record
 * that asked for it is durable. `id` is stable under replay: it is the idempotency key.
 */
export type Effect =
  /** Run the code registered as `src`. `activity` is the invoke's id in the chart. */
  | { readonly kind: 'activity.start'; readonly id: EffectId; readonly activity: string; readonly src: string; readonly input: Json }
  /** Abort the activity started as `target`. `awaited`: the chart still waits for its end. */
  | { readonly kind: 'activity.abort'; readonly id: EffectId; readonly activity: string; readonly target: EffectId; readonly awaited: boolean }
  /** Wake the actor at `due` (ms since the epoch). */
  | { readonly kind: 'timer.set'; readonly id: EffectId; readonly timer: string; readonly due: number }
  | { readonly kind: 'timer.cancel'; readonly id: EffectId; readonly timer: string; readonly target: EffectId }
  /** Create a child actor; it reports its end under this effect's id. */
  | { readonly kind: 'child.start'; readonly id: EffectId; readonly child: string; readonly actor: ActorName; readonly input: Json }
  /** Tell a child actor to cancel. `awaited`: the chart still waits for its end. */
  | { readonly kind: 'child.stop'; readonly id: EffectId; readonly child: string; readonly actor: ActorName; readonly target: EffectId; readonly awaited: boolean }
  | { readonly kind: 'command.send'; readonly id: EffectId; readonly to: ActorName; readonly command: string; readonly data: JsonObject }
  /** Tell the parent how this actor ended. */
  | { readonly kind: 'parent.tell'; readonly id: EffectId; readonly parent: ActorName; readonly effect: EffectId; readonly outcome: Outcome }
  /** Tell the parent how this actor stands now, which is not how it stood before. */
  | { readonly kind: 'parent.note'; readonly id: EffectId; readonly parent: ActorName; readonly effect: EffectId; readonly news: News }
  /** `emit`: an event for whoever listens; nobody listening is normal. */
  | { readonly kind: 'event.emit'; readonly id: EffectId; readonly event: JsonObject & { readonly type: string } }
  /** A named action with an implementation of its own; run at least once. */
  | { readonly kind: 'action.run'; readonly id: EffectId; readonly action: string; readonly params: Json };

export type Outcome =
  | { readonly ok: true; readonly output: Json }
  | { readonly ok: false; readonly error: Failure };
