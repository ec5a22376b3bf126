import { TerminalError } from '../../../kernel/errors.ts';
import type { ProjectFile, StackName } from '../config/file.ts';
import { refuseSecretText } from '../config/secrets.ts';
import { dockerfile } from './dockerfile.ts';
import { go } from './go.ts';
import { make } from './make.ts';
import { node } from './node.ts';
import { insidePath } from './path.ts';
import { python } from './python.ts';
import { rust } from './rust.ts';
import type { Detector, Listing, StackPlan } from './stack.ts';
import { staticSite } from './static.ts';

/** The first that fits decides; a language goes before what merely wraps it. */
const detectors: readonly Detector[] = [node, go, python, rust, make, dockerfile, staticSite];

/** Files a {@link Listing} must have the text of. */
export const filesToRead: readonly string[] = detectors.flatMap(({ reads }) => reads);

/** How this source is built, its own settings taken into account. */
export interface Stack extends StackPlan {
  readonly stack: StackName | 'custom';
}

/** @throws TerminalError `no_stack`, `stack_mismatch`, `unsafe_artifact`, and what a detector throws. */
export function detectStack(listing: Listing, settings: ProjectFile['build']): Stack {
  const found = find(listing, settings);
  const plan = { ...found, command: settings.command ?? found.command, artifact: insidePath(settings.artifact ?? found.artifact) };
  refuseSecretText('The build command', plan.command);
  for (const [name, { command }] of Object.entries(plan.services)) refuseSecretText(`The command of ${name}`, command);
  return plan;
}

function find(listing: Listing, settings: ProjectFile['build']): Stack {
  if (settings.stack !== undefined) return named(listing, settings.stack);
  // Whoever says both needs no detector, and is not stopped by one that stumbles.
  if (settings.command !== undefined && settings.artifact !== undefined) return custom(listing, settings.command);
  return detected(listing) ?? (settings.command === undefined ? nothingFits() : { stack: 'custom', command: settings.command, artifact: '.', services: {} });
}

function detected(listing: Listing): Stack | undefined {
  for (const { stack, detect } of detectors) {
    const plan = detect(listing);
    if (plan !== undefined) return { stack, ...plan };
  }
  return undefined;
}

function custom(listing: Listing, command: string): Stack {
  try {
    const plan = detected(listing);
    if (plan !== undefined) return plan;
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
  }
  return { stack: 'custom', command, artifact: '.', services: {} };
}

function named(listing: Listing, stack: StackName): Stack {
  const detector = detectors.find((one) => one.stack === stack);
  const plan = detector?.detect(listing);
  if (plan !== undefined) return { stack, ...plan };
  throw new TerminalError('stack_mismatch', `millrace.toml says stack = "${stack}", but there is no ${detector?.looksFor ?? 'such stack'} at the top of the source.`,
    { hint: 'Add the file, or take the line out and let Millrace look.' });
}

function nothingFits(): never {
  const looked = detectors.map(({ stack, looksFor }) => `${looksFor} (${stack})`).join(', ');
  throw new TerminalError('no_stack', `Cannot tell how to build this source. Looked at its top for ${looked}; found none.`,
    { hint: 'Add one of them, or a millrace.toml with [build] command = "..." and artifact = "...".' });
}
