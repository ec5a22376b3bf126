import type { TextLine } from './geometry.ts';

/** How each kind of line is set, px. The font is a monospace one, of which no common one is wider than `advance` em. */
export const fonts = {
  title: { size: 13, lineHeight: 20, weight: 700 },
  detail: { size: 11, lineHeight: 16, weight: 400 },
  trigger: { size: 12, lineHeight: 17, weight: 600 },
  guard: { size: 11, lineHeight: 16, weight: 400 },
  chips: { size: 10, lineHeight: 17, weight: 400 },
} as const satisfies Record<TextLine['style'], { size: number; lineHeight: number; weight: number }>;

const advance = 0.62;
const wideAdvance = 1.2;
/** Between and within chips, px. */
export const chipGap = 6;
export const chipPad = 5;

/** Pixels a line takes at most; never too little, whichever monospace font the reader has. */
export function widthOf({ text, style }: TextLine): number {
  const { size } = fonts[style];
  if (style === 'chips') return chipsOf(text).reduce((sum, chip) => sum + emOf(chip) * size + 2 * chipPad + chipGap, -chipGap);
  return Math.ceil(emOf(text) * size);
}

export const chipsOf = (text: string): readonly string[] => text.split(' ');

/** East Asian letters, emoji and the like come from another font, and are wide in it. */
export function emOf(text: string): number {
  let em = 0;
  for (const letter of text) em += (letter.codePointAt(0) ?? 0) < 0x1100 ? advance : wideAdvance;
  return em;
}

export const heightOf = (lines: readonly TextLine[]): number => lines.reduce((sum, { style }) => sum + fonts[style].lineHeight, 0);
export const widestOf = (lines: readonly TextLine[]): number => Math.max(0, ...lines.map(widthOf));

/** Broken at blanks, else before a capital, a dot or a hyphen, else anywhere, so that no line has more than `most` letters. */
export function wrap(text: string, most: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of text.split(/(?<=\s)|(?=[.(])|(?<=[-,_])|(?<=[a-z])(?=[A-Z])/)) {
    if (line !== '' && lettersOf(line).length + lettersOf(part.trimEnd()).length > most) {
      lines.push(line);
      line = '';
    }
    line += part;
    while (lettersOf(line.trimEnd()).length > most) {
      lines.push(lettersOf(line).slice(0, most).join(''));
      line = lettersOf(line).slice(most).join('');
    }
  }
  return [...lines, line].map((one) => one.trim()).filter((one) => one !== '');
}

const lettersOf = (text: string): readonly string[] => Array.from(text);
