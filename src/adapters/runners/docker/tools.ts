import type Docker from 'dockerode';
import type { AuthConfig } from 'dockerode';
import type { Blobs } from '../../../machines/build/ports.ts';
import type { BuildOutput } from '../../../runtime/ports/output.ts';
import type { PauseRecords } from '../pause/records.ts';
import type { DiskMeter } from './disk.ts';
import type { JobVariables } from './job.ts';
import type { PlanDefaults } from './plan.ts';

/** What every part of the docker runner works with. Times in ms, sizes in bytes. */
export interface DockerTools {
  readonly docker: Docker;
  /** Builds live in `<dataDir>/runs`. */
  readonly dataDir: string;
  readonly blobs: Blobs;
  readonly output: BuildOutput;
  readonly auth: AuthConfig | undefined;
  readonly defaults: PlanDefaults;
  readonly graceMs: number;
  readonly maxOutputBytes: number;
  /** A finished container that nobody started for this long belongs to a worker that died. */
  readonly startGraceMs: number;
  readonly pauses: PauseRecords;
  readonly job: JobVariables;
  readonly disk: DiskMeter;
}
