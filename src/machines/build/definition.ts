import type { Definition } from '../../kernel/definition.ts';
import type { Json, JsonObject } from '../../kernel/json.ts';
import { defineSaga } from '../saga/define.ts';
import type { Step } from '../saga/step.ts';
import { buildInput } from './input.ts';
import type { BuildPorts } from './ports.ts';
import { patient, patientUndo } from './scope.ts';
import { buildArtifact } from './steps/build-artifact.ts';
import { createConfigVersion } from './steps/create-config-version.ts';
import { createVersion } from './steps/create-version.ts';
import { finalize } from './steps/finalize.ts';
import { handleEphemeral } from './steps/handle-ephemeral.ts';
import { loadSource } from './steps/load-source.ts';
import { nextVersion } from './steps/next-version.ts';
import { prepareConfig } from './steps/prepare-config.ts';
import { provisionAddons } from './steps/provision-addons.ts';
import { receiveSource } from './steps/receive-source.ts';
import { setActiveVersion } from './steps/set-active-version.ts';
import { neverLate } from './taken-back.ts';

export interface BuildParts {
  readonly ports: BuildPorts;
  /** The machine that builds at a runner. */
  readonly run: Definition;
}

/** The build machine: from a staged source to an active version. A completed build's output is {@link BuildResult}. */
export const buildDefinition = (parts: BuildParts): Definition => defineSaga({
  name: 'build',
  version: '1',
  createdBy: 'trigger',
  input: buildInput,
  steps: buildSteps(parts),
  rules: { retry: patient, undoRetry: patientUndo },
  output,
});

/** The eleven steps, in order; undone in the reverse one. */
export const buildSteps = ({ ports, run }: BuildParts): readonly Step[] => [
  receiveSource(ports),
  loadSource(ports),
  nextVersion(ports),
  buildArtifact(run),
  prepareConfig(ports),
  handleEphemeral(ports),
  createConfigVersion(ports),
  createVersion(ports),
  provisionAddons(ports),
  setActiveVersion(ports),
  finalize(ports),
].map((step) => neverLate(ports, step));

/** What a completed build gives: `location` only when it was activated, `ephemeralExpiresAt` only when not. */
export interface BuildResult {
  readonly app: string;
  readonly version: string;
  /** SHA-256 of the artifact. */
  readonly artifact: string;
  readonly location?: string;
  readonly addons: readonly { readonly name: string; readonly kind: string; readonly created: boolean; readonly env: readonly string[] }[];
  /** Milliseconds since the epoch. */
  readonly ephemeralExpiresAt?: number;
}

const resultKeys = ['app', 'version', 'artifact', 'location', 'addons', 'ephemeralExpiresAt'] as const satisfies readonly (keyof BuildResult)[];

const output = (data: JsonObject): Json =>
  Object.fromEntries(resultKeys.flatMap((key) => (data[key] === undefined ? [] : [[key, data[key]]])));
