import { z } from 'zod';
import { step, type Step } from '../../saga/step.ts';
import { addonSpec, configSummary } from '../config/spec.ts';
import type { BuildPorts } from '../ports.ts';
import { tell } from '../scope.ts';
import { appName } from '../values.ts';
import { ephemeral } from './handle-ephemeral.ts';

const provisioned = addonSpec.extend({
  created: z.boolean(),
  /** Names of what the app finds in its environment; the values stay out of the log. */
  env: z.array(z.string()),
});

/** Makes the app's addons ready. Those that are there already are used as they are. */
export const provisionAddons = (ports: BuildPorts): Step => step({
  name: 'provision-addons',
  needs: z.object({ app: appName, label: z.string().optional(), config: configSummary }),
  gives: z.object({ addons: z.array(provisioned) }),
  skipIf: ({ label, config }) => ephemeral(label) || (config.addons.length === 0 ? 'the app uses no addons' : false),
  skipGives: { addons: [] },
  async run(scope) {
    const { app, config } = scope.input;
    const addons: z.output<typeof provisioned>[] = [];
    for (const spec of config.addons) {
      const { created, env } = await ports.addons.provision(app, spec, scope.actor);
      addons.push({ ...spec, created, env: Object.keys(env).toSorted() });
      await tell(ports, scope, spec.name, `addon ${spec.name} (${spec.kind}) ${created ? 'created' : 'is there already'}`);
    }
    return { addons };
  },
  async undo(scope) {
    const { app, config } = scope.input;
    for (const spec of config.addons.toReversed()) {
      if (await ports.addons.release(app, spec, scope.actor)) await tell(ports, scope, `${spec.name}/undone`, `removed addon ${spec.name}`);
    }
  },
});
