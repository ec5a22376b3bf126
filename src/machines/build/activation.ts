import { RetryableError, TerminalError } from '../../kernel/errors.ts';
import type { ActorName } from '../../kernel/record.ts';
import { dropActive, pushActive } from './app.ts';
import { changeApp, readApp } from './entities.ts';
import type { BuildPorts } from './ports.ts';
import { refuseLate } from './taken-back.ts';

const tries = 8;

/** Writes down that `version` is the active one; says what was before it. A build that was taken back while its release was laid out is not activated. */
export async function recordActive(ports: BuildPorts, app: string, version: string, build: ActorName): Promise<string | undefined> {
  const changed = await changeApp(ports.entities, app, async (current) => {
    await refuseLate(ports.entities, build);
    if (current === undefined) throw new TerminalError('app_gone', `App ${app} has gone since the build began.`, { hint: 'Somebody removed it. Start the build again.' });
    return pushActive(current, version);
  });
  if (changed === undefined) return undefined;
  const order = [...changed.before, changed.active];
  return order[order.indexOf(version) - 1];
}

/** Takes `version` out of the app's entity; a newer one stays. */
export async function unrecordActive(ports: BuildPorts, app: string, version: string): Promise<void> {
  await changeApp(ports.entities, app, (current) => current && dropActive(current, version));
}

/**
 * Lets the deployer follow the app's entity until both say the same: of two builds that activate at
 * once, the one that was recorded last is active, whichever reached the deployer last.
 */
export async function activeAsRecorded(ports: BuildPorts, app: string): Promise<string | undefined> {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const wanted = (await readApp(ports.entities, app))?.active;
    if (wanted === undefined) return undefined;
    if (await ports.deployer.active(app) !== wanted) await ports.deployer.activate(app, wanted);
    if ((await readApp(ports.entities, app))?.active === wanted) return wanted;
  }
  throw new RetryableError('entity_changed', `App ${app} was activated by others ${tries} times in a row.`, { hint: 'It is busy; the step is tried again.' });
}
