/** What an interrupt or a reader that went away ends; undefined while nothing listens. */
let current: AbortController | undefined;

/**
 * Aborts on the first interrupt, termination or hang-up. Further ones change nothing: `npm` passes a
 * terminal's Ctrl-C on, so it comes twice, and cleaning up must not be cut off by the second.
 */
export function untilInterrupted(): AbortSignal {
  const controller = (current ??= new AbortController());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => controller.abort());
  return controller.signal;
}

/** Ends what runs until interrupted; false when nothing does. */
export function interrupt(): boolean {
  current?.abort();
  return current !== undefined;
}

export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));
