import { actorLink, h, soon } from './dom.ts';
import type { Live } from './live.ts';

/** Lines that stay on the page. */
const kept = 5_000;
/** Characters of the longest name of a build's step: who prints stands in a column of its own. */
const widest = 21;

/** What an actor printed, and what it prints; the end is shown unless somebody scrolled away. */
export function outputPane(live: Live, actor: string): { readonly element: HTMLElement; leave(): void } {
  const pane = h('pre', { class: 'output', tabindex: 0, role: 'region', 'aria-label': 'Output' });
  const whose = h('p', { hidden: true });
  let lines: string[] = [];
  const draw = soon(() => {
    const isAtEnd = pane.scrollTop + pane.clientHeight >= pane.scrollHeight - 40;
    pane.textContent = lines.join('\n');
    if (isAtEnd) pane.scrollTop = pane.scrollHeight;
  });
  const stops = [
    live.on('output', ({ output }) => {
      if (output.actor !== actor) return;
      if (output.printsTo !== undefined && whose.hidden) {
        whose.replaceChildren(h('small', {}, 'It prints to the output of '), actorLink(output.printsTo), h('small', {}, ', which is shown here.'));
        whose.hidden = false;
      }
      if (output.fresh !== undefined) lines = output.fresh.dropped > 0 ? [`… ${output.fresh.dropped} lines before`] : [];
      lines = [...lines, ...output.lines.map(({ at, source, text }) => `${new Date(at).toLocaleTimeString()}  ${source.padEnd(widest)}  ${text}`)].slice(-kept);
      draw();
    }),
    live.onOpen(() => { live.ask('output.watch', { actor }).catch((error: Error) => { pane.textContent = error.message; }); }),
  ];
  return { element: h('div', {}, whose, pane), leave() {
    for (const stop of stops) stop();
    live.ask('output.leave', { actor }).catch(() => undefined);
  } };
}
