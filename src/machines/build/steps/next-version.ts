import { z } from 'zod';
import { TerminalError } from '../../../kernel/errors.ts';
import { step, type Step } from '../../saga/step.ts';
import { giveNumberBack, isUnused, takeNumber } from '../app.ts';
import { changeApp } from '../entities.ts';
import type { BuildPorts } from '../ports.ts';
import { tell } from '../scope.ts';
import { appName, kinds, versionId } from '../values.ts';

/** Takes the next version number of the app, which is created when it is the first. */
export const nextVersion = (ports: BuildPorts): Step => step({
  name: 'next-version',
  needs: z.object({ app: appName }),
  gives: z.object({
    version: z.string(),
    activeBefore: z.string().optional(),
    /** The config of the version that is active now: later steps build on this one and no other. */
    baseConfig: z.string().optional(),
  }),
  async run(scope) {
    const { app } = scope.input;
    const changed = await changeApp(ports.entities, app, (current) => takeNumber(current, scope.actor));
    const number = changed?.numbers[scope.actor];
    if (number === undefined) throw new TerminalError('no_number', `App ${app} gave ${scope.actor} no version number.`);
    const version = `v${number}`;
    await tell(ports, scope, 'done', `this is ${app} ${version}`);
    return { version, ...await activeNow(ports, app, changed?.active) };
  },
  async undo(scope) {
    const { app } = scope.input;
    await changeApp(ports.entities, app, async (current) => {
      if (current === undefined) return undefined;
      const next = giveNumberBack(current, scope.actor);
      return isUnused(next) && !await hasVersions(ports, app) ? undefined : next;
    });
    await tell(ports, scope, 'undone', `gave the version number of ${app} back`);
  },
});

async function activeNow(ports: BuildPorts, app: string, active: string | undefined): Promise<{ activeBefore?: string; baseConfig?: string }> {
  if (active === undefined) return {};
  const entity = await ports.entities.get(kinds.version, versionId(app, active));
  const config = entity?.value['config'];
  return { activeBefore: active, ...(typeof config === 'string' ? { baseConfig: config } : {}) };
}

const hasVersions = async (ports: BuildPorts, app: string): Promise<boolean> =>
  (await ports.entities.list(kinds.version)).some(({ entity }) => entity.value['app'] === app);
