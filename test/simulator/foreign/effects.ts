import { canonicalJson } from '../../../src/kernel/canonical.ts';
import { activity } from '../../../src/kernel/activity.ts';

/** What the machines' code did, where they run as they would without Millrace and where they run in it. */
let told: string[] = [];

export const tellTo = (list: string[]): void => { told = list; };
export const did = (what: string, how: unknown): void => { told.push(`${what} ${canonicalJson(how)}`); };

/** An activity that says what it was given. */
export const job = (name: string) => activity<string, { readonly at: string }>(async ({ input }) => {
  did(`run ${name}`, input);
  return await Promise.resolve(`${name} at ${input.at}`);
});

/** A custom action that is seen. */
export const seen = (_scope: unknown, params: { readonly at: string }): void => { did('action mark', params); };
