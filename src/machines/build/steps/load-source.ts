import { z } from 'zod';
import { step, type Step } from '../../saga/step.ts';
import type { BuildPorts } from '../ports.ts';
import { readProject } from '../project.ts';
import { tell } from '../scope.ts';
import { digest } from '../values.ts';

/** Reads the source's settings and finds out how it is built, so that a hopeless build fails early. Changes nothing. */
export const loadSource = (ports: BuildPorts): Step => step({
  name: 'load-source',
  needs: z.object({ source: digest }),
  gives: z.object({
    stack: z.string(),
    command: z.string(),
    artifactPath: z.string(),
    /** How long the build may run, when the source says so. */
    buildTimeoutMs: z.int().optional(),
  }),
  async run(scope) {
    const { file, stack } = await readProject(ports, scope.actor, scope.input.source);
    await tell(ports, scope, 'done', `${stack.stack} source: builds with "${stack.command}", gives ${stack.artifact}`);
    const seconds = file.build.timeout_seconds;
    return {
      stack: stack.stack, command: stack.command, artifactPath: stack.artifact,
      ...(seconds === undefined ? {} : { buildTimeoutMs: seconds * 1000 }),
    };
  },
});
