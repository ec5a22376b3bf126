/** A chart's state value in words: `work.build-artifact.executing + control.running`. Empty for a chart without states. Pure. */
export function stateText(value: unknown): string {
  return statePaths(value).join(' + ');
}

/** A path for each innermost state. Pure. */
export function statePaths(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [String(value)];
  return Object.entries(value).flatMap(([key, inner]) => {
    const paths = statePaths(inner);
    return paths.length === 0 ? [key] : paths.map((path) => `${key}.${path}`);
  });
}
