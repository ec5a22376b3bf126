import { seal } from '../../../src/kernel/chain.ts';
import type { Definition } from '../../../src/kernel/definition.ts';
import type { JsonObject } from '../../../src/kernel/json.ts';
import type { ActorName } from '../../../src/kernel/record.ts';
import type { World } from '../../support/world.ts';

/** Another host extends the actor, and none of the hosts in the world hears of it. */
export async function appendElsewhere(world: World, definition: Definition, actor: ActorName, type: string, data: JsonObject = {}, cause = `elsewhere-${type}`): Promise<void> {
  const { position } = await world.log.read(actor);
  const state = world.state(actor);
  await world.log.append(seal(state.chain, { actor, seq: state.seq + 1, at: world.clock.now(), machine: definition.stamp, type, data, cause }), position);
}
