import { z } from 'zod';
import { step, type Step } from '../../saga/step.ts';
import { createOwn, removeOwn } from '../entities.ts';
import type { BuildPorts } from '../ports.ts';
import { tell } from '../scope.ts';
import { appName, digest, kinds, versionId } from '../values.ts';

/** Stores the app's version: which artifact, with which config, from which source. */
export const createVersion = (ports: BuildPorts): Step => step({
  name: 'create-version',
  needs: z.object({
    app: appName, version: z.string(), source: digest, artifact: digest, stack: z.string(), configId: z.string(),
    label: z.string().optional(), ephemeralExpiresAt: z.int().optional(),
  }),
  gives: z.object({ versionId: z.string() }),
  async run(scope) {
    const { app, version, source, artifact, stack, label, ephemeralExpiresAt } = scope.input;
    const id = versionId(app, version);
    await createOwn(ports.entities, kinds.version, id, scope.actor, {
      app, version, source, artifact, stack, config: scope.input.configId,
      ...(label === undefined || ephemeralExpiresAt === undefined ? {} : { ephemeral: { label, expiresAt: ephemeralExpiresAt } }),
    });
    await tell(ports, scope, 'done', `stored version ${id} with artifact ${artifact.slice(0, 12)}`);
    return { versionId: id };
  },
  async undo(scope) {
    const id = versionId(scope.input.app, scope.input.version);
    if (await removeOwn(ports.entities, kinds.version, id, scope.actor)) await tell(ports, scope, 'undone', `removed version ${id}`);
  },
});
