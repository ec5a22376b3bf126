/** Bytes of UTF-8 a stored line may have. */
const longestLine = 64 * 1024;

const encoder = new TextEncoder();

/** A line as it is kept: one that is too long is cut at a whole character, and says how much is missing. */
export function cutLine(text: string): string {
  if (text.length * 3 <= longestLine) return text;
  const bytes = encoder.encode(text);
  if (bytes.length <= longestLine) return text;
  // Continuation bytes are 10xxxxxx: step back to where a character starts.
  let end = longestLine;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return `${new TextDecoder().decode(bytes.subarray(0, end))} [cut: ${bytes.length - end} more bytes]`;
}
