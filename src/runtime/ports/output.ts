import type { ActorName } from '../../kernel/record.ts';

/** Lines a build printed, kept in a bounded stream: `<prefix>.output.<type>.<id>`. */
export interface OutputLine {
  readonly at: number;
  /** Where it came from: a step's name, or `stdout`/`stderr` of a run. */
  readonly source: string;
  readonly text: string;
}

export interface BuildOutput {
  /** Idempotent by `id`: a chunk published twice after a crash is stored once. */
  write(actor: ActorName, line: OutputLine, id: string): Promise<void>;
  /** The id of the newest stored line: where a writer goes on after a crash. */
  last(actor: ActorName): Promise<string | undefined>;
  /** The stored lines, then, with `follow`, the coming ones until `signal` aborts. Where the oldest were dropped, a first line of the source `millrace` says so. */
  read(actor: ActorName, options: { follow: boolean; signal: AbortSignal }): AsyncIterable<OutputLine>;
}
