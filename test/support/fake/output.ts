import { cutLine } from '../../../src/adapters/nats/line.ts';
import type { ActorName } from '../../../src/kernel/record.ts';
import type { BuildOutput, OutputLine } from '../../../src/runtime/ports/output.ts';

/** Build output in memory. */
export function fakeOutput(): BuildOutput {
  const stored = new Map<ActorName, { readonly id: string; readonly line: OutputLine }[]>();
  const waiting = new Set<() => void>();
  const linesOf = (actor: ActorName) => {
    const lines = stored.get(actor) ?? [];
    stored.set(actor, lines);
    return lines;
  };
  return {
    async write(actor, line, id) {
      await Promise.resolve();
      const lines = linesOf(actor);
      if (lines.some((each) => each.id === id)) return;
      lines.push({ id, line: { ...line, text: cutLine(line.text) } });
      for (const wake of waiting) wake();
    },
    async last(actor) {
      await Promise.resolve();
      return linesOf(actor).at(-1)?.id;
    },
    async *read(actor, { follow, signal }) {
      await Promise.resolve();
      const lines = linesOf(actor);
      const end = follow ? Infinity : lines.length;
      for (let at = 0; at < end && !signal.aborted; at++) {
        while (at >= lines.length && !signal.aborted) {
          await new Promise<void>((resolve) => {
            const wake = (): void => { waiting.delete(wake); signal.removeEventListener('abort', wake); resolve(); };
            waiting.add(wake);
            signal.addEventListener('abort', wake);
          });
        }
        const next = lines[at];
        if (next !== undefined && !signal.aborted) yield next.line;
      }
    },
  };
}
