/** A complaint about the source, with its place. */
export class Complaint extends Error {
  constructor(file, line, column, message) {
    super(`${file}:${line}:${column}: ${message}`);
  }
}

const rule = /^from\s+(\d+)\s+to\s+(\d+)\s+say\s+"((?:[^"\\]|\\.)*)"\s*$/;

/** `from <hour> to <hour> say "<text>"` a line; `#` begins a comment. */
export function parse(file, source) {
  return source.split('\n').flatMap((text, index) => {
    if (text.trim() === '' || text.trim().startsWith('#')) return [];
    const line = index + 1;
    const match = rule.exec(text);
    if (!match) throw new Complaint(file, line, text.search(/\S/) + 1, 'expected: from <hour> to <hour> say "<text>"');
    return [{ line, from: Number(match[1]), to: Number(match[2]), parts: split(file, line, text, match[3]) }];
  });
}

/** A text as literals and the words to fill in. */
function split(file, line, whole, text) {
  const start = whole.indexOf('"') + 2;
  return [...text.matchAll(/\{([^{}]*)\}|[^{}]+|[{}]/g)].map((match) => {
    if (match[1] !== undefined) return { word: match[1], column: start + match.index };
    if (match[0] === '{' || match[0] === '}') throw new Complaint(file, line, start + match.index, `a lonely ${match[0]}`);
    return { literal: match[0].replaceAll(/\\(.)/g, '$1') };
  });
}
