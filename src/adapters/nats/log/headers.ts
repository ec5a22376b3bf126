/**
 * Any string as a NATS header value and back, without loss. Visible ASCII stays as it is; `%`,
 * blanks, line ends and everything else are percent-encoded as UTF-8; half a surrogate pair is `%uD800`.
 */
export function toHeader(value: string): string {
  if (/^[\x21-\x24\x26-\x7e]*$/.test(value)) return value;
  return value.replace(/[^\x21-\x24\x26-\x7e]/gu, (char) =>
    /\p{Surrogate}/u.test(char) ? `%u${char.charCodeAt(0).toString(16).toUpperCase()}` : encodeURIComponent(char));
}

/** @throws URIError when the value is not what {@link toHeader} makes. */
export function fromHeader(value: string): string {
  if (!value.includes('%')) return value;
  return value.replace(/%u([0-9A-F]{4})|(?:%[0-9A-Fa-f]{2})+/g, (escaped, half: string | undefined) =>
    half === undefined ? decodeURIComponent(escaped) : String.fromCharCode(Number.parseInt(half, 16)));
}
