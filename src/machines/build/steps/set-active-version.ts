import { z } from 'zod';
import { step, type Step } from '../../saga/step.ts';
import { activeAsRecorded, recordActive, unrecordActive } from '../activation.ts';
import { isAnothers } from '../app.ts';
import { readApp } from '../entities.ts';
import type { BuildPorts } from '../ports.ts';
import { tell } from '../scope.ts';
import { appName, digest } from '../values.ts';
import { ephemeral } from './handle-ephemeral.ts';

/**
 * Lays the artifact out as a release and makes it the active one. The app's entity decides, the
 * deployer follows: so a replay never takes the place of a newer activation, and neither does the undo.
 */
export const setActiveVersion = (ports: BuildPorts): Step => step({
  name: 'set-active-version',
  needs: z.object({ app: appName, version: z.string(), artifact: digest, label: z.string().optional() }),
  gives: z.object({ location: z.string().optional(), previous: z.string().optional() }),
  skipIf: ({ label }) => ephemeral(label),
  async run(scope) {
    const { app, version, artifact } = scope.input;
    await ports.deployer.prepare(app, version, artifact);
    const previous = await recordActive(ports, app, version, scope.actor);
    const active = await activeAsRecorded(ports, app);
    const text = active === version ? `${app} ${version} is active` : `${app} ${version} was active until ${active ?? 'nothing'} took its place`;
    await tell(ports, scope, 'done', text);
    return { location: ports.deployer.location(app), ...(previous === undefined ? {} : { previous }) };
  },
  async undo(scope) {
    const { app, version } = scope.input;
    // Only a worker that is late comes here after the number was given back.
    if (isAnothers(await readApp(ports.entities, app), scope.actor, version)) return;
    await unrecordActive(ports, app, version);
    const outcome = await ports.deployer.deactivate(app, version);
    if (outcome === 'restored') await activeAsRecorded(ports, app);
    await ports.deployer.removeRelease(app, version);
    await tell(ports, scope, 'undone', said(app, version, await ports.deployer.active(app), outcome));
  },
});

function said(app: string, version: string, active: string | undefined, outcome: 'restored' | 'left-alone' | 'nothing-to-do'): string {
  const now = active === undefined ? `nothing of ${app} is active` : `${app} ${active} is active`;
  if (outcome === 'left-alone') return `${now}: that is newer, so it was left alone; removed the release of ${version}`;
  return outcome === 'restored' ? `took ${version} back: ${now}` : `${version} was not active; removed what there was of its release`;
}
