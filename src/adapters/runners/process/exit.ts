import type { Side } from './order.ts';

/** `exited` by itself; the others are why it was stopped, or never ran. */
export type Reason = 'exited' | 'timeout' | 'cpu_time' | 'out_of_memory' | 'disk_full' | 'too_many_processes' | 'cancelled' | 'interrupted' | 'not_spawned';

/** How one side's command ended. Times in ms. */
export interface SideEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Since the epoch. */
  readonly endedAt: number;
  readonly reason: Reason;
  /** What it had too much of: how much it may have. */
  readonly limit?: number | undefined;
  /** The machine itself had none left of this when it failed. */
  readonly machineLacked?: 'memory' | 'disk' | undefined;
  readonly message?: string | undefined;
  readonly pausedMs: number;
  /** Processor time, and the most memory there was at any look. 0 where it cannot be seen. */
  readonly cpuMs: number;
  readonly memoryPeakBytes: number;
}

/** How a build's processes ended, in `exit.json`: as the last of its sides did. */
export interface Exit extends SideEnd {
  readonly side: Side;
  readonly startedAt: number;
  /** Output beyond the limit was dropped. */
  readonly outputCut: boolean;
  /** The base is good: built by itself now, or known to be from before. */
  readonly base?: 'passed' | 'cached' | undefined;
}
