import { z } from 'zod';
import { TerminalError } from '../../../kernel/errors.ts';
import { step, type Step } from '../../saga/step.ts';
import { resolveConfig } from '../config/resolve.ts';
import { configDigest } from '../config/spec.ts';
import { createOwn, removeOwn } from '../entities.ts';
import type { BuildPorts } from '../ports.ts';
import { tell } from '../scope.ts';
import { appName, configId, digest, envName, kinds } from '../values.ts';

/** Stores the config that was checked, values and all, as an entity that never changes. */
export const createConfigVersion = (ports: BuildPorts): Step => step({
  name: 'create-config-version',
  needs: z.object({
    app: appName, version: z.string(), source: digest, configDigest: digest,
    env: z.record(envName, z.string()).optional(), baseConfig: z.string().optional(),
  }),
  gives: z.object({ configId: z.string() }),
  async run(scope) {
    const { app, version } = scope.input;
    const id = configId(app, version);
    const spec = await resolveConfig(ports, scope.actor, scope.input);
    if (configDigest(spec) !== scope.input.configDigest) {
      throw new TerminalError('config_changed', 'The config is another one than was checked a moment ago.', { hint: 'The version it builds on has gone. Start the build again.' });
    }
    await createOwn(ports.entities, kinds.config, id, scope.actor, { app, version, digest: scope.input.configDigest, spec });
    await tell(ports, scope, 'done', `stored config ${id}`);
    return { configId: id };
  },
  async undo(scope) {
    const id = configId(scope.input.app, scope.input.version);
    if (await removeOwn(ports.entities, kinds.config, id, scope.actor)) await tell(ports, scope, 'undone', `removed config ${id}`);
  },
});
