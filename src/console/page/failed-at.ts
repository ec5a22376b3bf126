/** What a saga tells of its steps and of the failure that turned it round. */
export interface Steps {
  readonly steps?: Readonly<Record<string, { readonly status?: string; readonly attempts?: number; readonly error?: { readonly message?: unknown } | undefined }>>;
  readonly error?: { readonly message?: unknown } | null;
}

/** Which step failed, and how often it was tried when that is more than once; undefined of what has no steps. */
export function failedAt({ steps = {}, error }: Steps): string | undefined {
  const all = Object.entries(steps);
  // One that is undone by now has kept its error alone.
  const [name, step] = all.find(([, { status }]) => status === 'failed') ?? all.find(([, one]) => one.error?.message !== undefined && one.error.message === error?.message) ?? [];
  if (name === undefined) return undefined;
  const attempts = step?.attempts ?? 0;
  return `The step ${name} failed${attempts > 1 ? `, tried ${attempts} times` : ''}.`;
}
