import type { TextLine } from './geometry.ts';
import { chipGap, chipPad, chipsOf, emOf, fonts } from './text.ts';

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Control characters are no XML, not even as entities. */
export const escape = (text: string): string => text.replaceAll(/[&<>"]/g, (letter) => entities[letter] ?? letter).replaceAll(/[^\P{Cc}\t\n\r]/gu, '\ufffd');

/** Lines of text from a top left corner down. */
export function linesAt(lines: readonly TextLine[], x: number, y: number): readonly string[] {
  let top = y;
  return lines.map((line) => {
    const { size, lineHeight } = fonts[line.style];
    const base = Math.round(top + lineHeight / 2 + size * 0.36);
    const drawn = line.style === 'chips' ? chips(line.text, x, top, base) : `<text class="${line.style}" x="${x}" y="${base}">${escape(line.text)}</text>`;
    top += lineHeight;
    return drawn;
  });
}

function chips(text: string, x: number, top: number, base: number): string {
  const { size, lineHeight } = fonts.chips;
  let left = x;
  return chipsOf(text).map((chip) => {
    const width = emOf(chip) * size + 2 * chipPad;
    const drawn = `<rect class="chip" x="${left}" y="${top + 1}" width="${width}" height="${lineHeight - 3}" rx="${(lineHeight - 3) / 2}"/><text class="chips" x="${left + chipPad}" y="${base - 1}">${escape(chip)}</text>`;
    left += width + chipGap;
    return drawn;
  }).join('');
}
