import { existsSync } from 'node:fs';
import { RetryableError } from '../../../kernel/errors.ts';
import { writeOnce } from '../process/files.ts';
import { inspect } from './container.ts';
import { ask } from './engine.ts';
import type { Place } from './place.ts';
import type { DockerTools } from './tools.ts';

/** Why a container could not be started, in `exit.json`. */
export interface NotStarted {
  readonly message: string;
}

/** Start it, if it never was: a container that has ended would run a second time. */
export async function begin({ docker }: DockerTools, place: Place): Promise<void> {
  const seen = await inspect(docker, place.container);
  if (seen?.State.Status !== 'created' || existsSync(place.cancel)) return;
  const started = await ask('start a container', () => docker.getContainer(place.container).start());
  // 304: it runs already; 404: it is gone, which whoever looks next finds out.
  if (started.ok || started.status === 304) return;
  const after = await inspect(docker, place.container);
  if (after === undefined) return;
  const ofTheContainer = started.status < 500 || /oci runtime|runc|executable file|no such file|permission denied|exec format|unable to find (user|group)/i.test(started.message);
  if (!ofTheContainer) throw new RetryableError('engine_failed', `The Docker engine could not start the container: ${started.message}.`);
  await writeOnce(place.exit, { message: started.message } satisfies NotStarted);
}
