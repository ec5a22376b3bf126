import { z } from 'zod';
import { step, type Step } from '../../saga/step.ts';
import { trimApp } from '../app.ts';
import { changeApp } from '../entities.ts';
import type { BuildPorts } from '../ports.ts';
import { tell } from '../scope.ts';
import { appName } from '../values.ts';

/** Tidies up and says how it ended. The build stands whatever happens here. */
export const finalize = (ports: BuildPorts): Step => step({
  name: 'finalize',
  needs: z.object({
    app: appName, version: z.string(), label: z.string().optional(), location: z.string().optional(), previous: z.string().optional(),
  }),
  gives: z.object({}),
  bookkeeping: true,
  async run(scope) {
    const { app, version, label, location, previous } = scope.input;
    const instead = previous === undefined ? '' : ` (instead of ${previous})`;
    const where = label === undefined ? `${location ?? 'its release folder'}${instead}` : `label "${label}", not activated`;
    await tell(ports, scope, 'done', `done: ${app} ${version}, ${where}`);
    await changeApp(ports.entities, app, (current) => current && trimApp(current));
    await ports.workspaces.remove(scope.actor);
    return {};
  },
});
