import { z } from 'zod';
import { secretLook } from './config/secrets.ts';
import { appName, digest, envName, token } from './values.ts';

/** The command stands in the log for ever, so a value that looks secret is refused before it gets there. */
const givenEnv = z.record(envName, z.string()).superRefine((env, context) => {
  for (const [name, value] of Object.entries(env)) {
    const look = secretLook(name, value);
    if (look === undefined) continue;
    context.addIssue({
      code: 'custom', path: [name],
      message: `secret_in_config: ${name} ${look}, and this command would stand in the log for ever. Declare it in millrace.toml as ${name} = { secret = true } and give the value to the program where it runs.`,
    });
  }
});

/** What `trigger` takes. */
export const buildInput = z.strictObject({
  app: appName,
  /** The staged source archive. */
  source: digest,
  /** Which runner builds. */
  runner: token.default('process'),
  /** Makes the build ephemeral: a version that is never activated and expires. */
  label: z.string().optional(),
  /** How long an ephemeral version is kept, in milliseconds. */
  ttlMs: z.number().optional(),
  /** Plain environment values; an empty one takes back what an earlier build was given. */
  env: givenEnv.optional(),
});
