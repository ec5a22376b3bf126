/** A chart's state value in words: `work.build-artifact.executing + control.running`. Empty for a chart without states. Pure. */
export function valueText(value: unknown): string {
  return pathsOf(value).join(' + ');
}

function pathsOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [String(value)];
  return Object.entries(value).flatMap(([key, inner]) => {
    const paths = pathsOf(inner);
    return paths.length === 0 ? [key] : paths.map((path) => `${key}.${path}`);
  });
}
