import type { StackName } from '../config/file.ts';
import type { ServiceSpec } from '../config/spec.ts';

/** What a detector may look at: the names at the top of the source, and the text of small files. */
export interface Listing {
  readonly has: (name: string) => boolean;
  readonly text: (name: string) => string | undefined;
}

/** How a stack is built when nobody says otherwise. */
export interface StackPlan {
  /** Run by `sh -c` at the top of the source. */
  readonly command: string;
  /** The file or folder that is the result; `.` is everything. */
  readonly artifact: string;
  /** What runs in the release folder. */
  readonly services: Readonly<Record<string, ServiceSpec>>;
}

export interface Detector {
  readonly stack: StackName;
  /** The files that decide, as a person would name them. */
  readonly looksFor: string;
  /** Files whose text it wants. */
  readonly reads: readonly string[];
  /** @throws TerminalError when the deciding file is there and cannot be read. */
  readonly detect: (listing: Listing) => StackPlan | undefined;
}

/** One process, without ports. */
export const web = (command: string | undefined): Record<string, ServiceSpec> =>
  command === undefined ? {} : { web: { command, ports: [] } };
