import { z } from 'zod';
import { step, type Step } from '../../saga/step.ts';
import { resolveConfig } from '../config/resolve.ts';
import { configDigest, configSummary, summarize } from '../config/spec.ts';
import { validateConfig } from '../config/validate.ts';
import type { BuildPorts } from '../ports.ts';
import { tell } from '../scope.ts';
import { digest, envName } from '../values.ts';

/** Merges and checks the config. What it gives stands in the log for ever: names, never values. */
export const prepareConfig = (ports: BuildPorts): Step => step({
  name: 'prepare-config',
  needs: z.object({ source: digest, env: z.record(envName, z.string()).optional(), baseConfig: z.string().optional() }),
  gives: z.object({ config: configSummary, configDigest: digest }),
  async run(scope) {
    const spec = await resolveConfig(ports, scope.actor, scope.input);
    validateConfig(spec);
    const services = Object.keys(spec.services).join(', ');
    await tell(ports, scope, 'done', `runs ${services}; environment values: ${Object.keys(spec.env).length}, secrets by name: ${spec.secrets.length}`);
    return { config: summarize(spec), configDigest: configDigest(spec) };
  },
});
