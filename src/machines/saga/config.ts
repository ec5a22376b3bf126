/** The part of XState's machine config that a saga's chart uses, spelled out so that it can be built piece by piece. */
export interface Named {
  readonly type: string;
  readonly params?: Readonly<Record<string, string>>;
}

export interface Transition {
  readonly target?: string;
  readonly guard?: Named;
  readonly actions?: readonly Named[];
  readonly description?: string;
}

export interface ChartState {
  readonly type?: 'final' | 'parallel';
  readonly description?: string;
  readonly initial?: string;
  readonly tags?: readonly string[];
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly entry?: readonly Named[];
  readonly always?: readonly Transition[];
  readonly after?: Readonly<Record<string, readonly Transition[]>>;
  readonly on?: Readonly<Record<string, readonly Transition[]>>;
  readonly invoke?: readonly {
    readonly id: string;
    readonly src: string;
    readonly input: (args: { context: never }) => unknown;
    readonly onDone: readonly Transition[];
    readonly onError: readonly Transition[];
  }[];
  readonly onDone?: readonly Transition[];
  readonly states?: Readonly<Record<string, ChartState>>;
}

/** A named guard or action about one step. */
export const about = (type: string, step: string): Named => ({ type, params: { step } });

/** A named guard or action about the saga as a whole. */
export const named = (type: string): Named => ({ type });

/** Asks what runs as `id` to end, and leaves the chart where it is: its end is awaited. The plain form of the kernel's `abort`. */
export const abortOf = (id: string): Named => ({ type: 'millrace.abort', params: { id } });
