import type { ActorName } from '../../kernel/record.ts';
import type { RetryPolicy } from '../saga/step.ts';
import type { BuildPorts } from './ports.ts';

/** What every step and undo has in its hands. */
export interface Speaker {
  readonly actor: ActorName;
  readonly stepKey: string;
  readonly progress: (message: string, percent?: number) => void;
}

/**
 * Tells people what happens, under an id that a replay repeats. Status lines are a courtesy: that
 * one cannot be stored fails no step.
 */
export async function tell(ports: BuildPorts, scope: Speaker, topic: string, text: string): Promise<void> {
  const step = scope.stepKey.slice(scope.stepKey.lastIndexOf('/') + 1);
  scope.progress(text);
  await ports.say(scope.actor, step, text, `${scope.stepKey}/${topic}`).catch(() => undefined);
}

/** For steps that touch the store or the disk: away for a moment is no reason to undo a build. */
export const patient: RetryPolicy = { attempts: 6, delayMs: 250, factor: 3, maxDelayMs: 20_000 };
export const patientUndo: RetryPolicy = { attempts: 8, delayMs: 250, factor: 3, maxDelayMs: 60_000 };
