import { z } from 'zod';
import { TerminalError } from '../../../kernel/errors.ts';
import { step, type Step } from '../../saga/step.ts';
import type { BuildPorts } from '../ports.ts';
import { tell } from '../scope.ts';
import { token } from '../values.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** A labelled build gives a version that is never activated and expires. Changes nothing: the time is fixed by its record. */
export const handleEphemeral = (ports: BuildPorts): Step => step({
  name: 'handle-ephemeral',
  needs: z.object({ label: z.string().optional(), ttlMs: z.number().optional() }),
  gives: z.object({ ephemeralExpiresAt: z.int().optional() }),
  skipIf: ({ label, ttlMs }) => (label === undefined && ttlMs === undefined ? 'the build has no label' : false),
  async run(scope) {
    const { label, ttlMs = dayMs } = scope.input;
    if (label === undefined) {
      throw new TerminalError('bad_ttl', 'The build has a ttlMs and no label.', { hint: 'Only an ephemeral build expires: give it a label too.' });
    }
    if (!token.safeParse(label).success) {
      throw new TerminalError('bad_label', `${JSON.stringify(label.slice(0, 80))} is no label.`, { hint: 'A label is 1 to 63 of a-z, A-Z, 0-9, - and _.' });
    }
    const expires = ports.now() + Math.ceil(ttlMs);
    if (!(ttlMs > 0) || !Number.isSafeInteger(expires)) {
      throw new TerminalError('bad_ttl', `A ttlMs of ${ttlMs} is no time to live.`, { hint: 'Give milliseconds above 0, or none for 24 hours.' });
    }
    await tell(ports, scope, 'done', `ephemeral "${label}" until ${new Date(expires).toISOString()}`);
    return { ephemeralExpiresAt: expires };
  },
});

/** Why a step is not for ephemeral builds. */
export const ephemeral = (label: string | undefined): string | false =>
  (label === undefined ? false : `the build is ephemeral ("${label}")`);
