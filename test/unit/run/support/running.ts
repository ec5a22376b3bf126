import { RetryableError } from '../../../../src/kernel/errors.ts';
import type { Plan } from './backend.ts';
import { makeRig, second, type Rig } from './rig.ts';

/** A build that runs at a backend that can pause. */
export async function running(plan: Plan = {}, input: Record<string, number> = {}): Promise<Rig & { crash: () => void }> {
  const rig = makeRig(plan, { pausable: true });
  const { crash } = await rig.world.host();
  await rig.trigger('run/r1', input);
  await rig.world.clock.advance(10 * second);
  return { ...rig, crash };
}

export const away = (): never => { throw new RetryableError('http_503', 'the service said 503'); };
