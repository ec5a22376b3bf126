/** JSON as people read it: two levels of names, aligned, what lies deeper as compact JSON. Empty things are left out. */
export function outline(value: unknown): readonly string[] {
  if (!isObject(value)) return [compact(value)];
  return Object.entries(value).filter(([, inner]) => !isEmpty(inner)).flatMap(([name, inner]) => {
    if (!isObject(inner)) return [`${name}  ${compact(inner)}`];
    const entries = Object.entries(inner);
    const width = Math.max(...entries.map(([key]) => key.length));
    return [name, ...entries.map(([key, deep]) => `  ${key.padEnd(width)}  ${compact(deep)}`)];
  });
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || (typeof value === 'object' && Object.keys(value).length === 0);

/** `status done, attempts 1` for a flat object; plain JSON for what is none. */
function compact(value: unknown): string {
  if (typeof value === 'string') return value;
  const flat = isObject(value) && Object.keys(value).length > 0 && Object.values(value).every((one) => typeof one !== 'object');
  return flat ? Object.entries(value).map(([key, one]) => `${key} ${String(one)}`).join(', ') : JSON.stringify(value);
}
