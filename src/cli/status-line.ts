import { styleText } from 'node:util';
import { fit } from './print.ts';

export interface StatusLine {
  set(text: string): void;
  /** Take it away before something else is printed, and put it back after. */
  clear(): void;
  draw(): void;
  end(): void;
}

/** The last line of a terminal: what is waited for, and for how long. */
export function statusLine(): StatusLine {
  let text = '';
  let since = Date.now();
  const clear = (): void => void process.stdout.write('\r\u001b[K');
  const draw = (): void => {
    const seconds = Math.floor((Date.now() - since) / 1000);
    if (text !== '') process.stdout.write(`\r${styleText('dim', fit(`      …  ${text}${seconds > 0 ? `, ${seconds} s` : ''}`))}\u001b[K`);
  };
  const timer = setInterval(draw, 1000).unref();
  return {
    set(next) {
      if (next !== text) since = Date.now();
      text = next;
    },
    clear, draw,
    end() {
      clearInterval(timer);
      clear();
      text = '';
    },
  };
}
