import type { Json } from '../kernel/json.ts';

const longest = 500;

/** A saga says `error`, a run `ended`, with a reason of everything but a success. Pure. */
export function reasonIn(context: Json): string | undefined {
  const { error, ended } = (context ?? {}) as { readonly error?: { readonly message?: unknown } | null; readonly ended?: { readonly reason?: unknown } | null };
  const reason = error?.message ?? ended?.reason;
  return typeof reason === 'string' ? reason.slice(0, longest) : undefined;
}
