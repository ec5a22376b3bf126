import { h } from './dom.ts';

/** Commands that are not sent at one click, with what there is to know before. */
const weighed: Readonly<Record<string, string>> = {
  cancel: 'What goes on is ended, and what was done is undone.',
  abandon: 'What is not undone yet stays as it is, for good. Nobody will undo it later.',
};

/** Asks before a command that cannot be taken back. The body to send with it; undefined when it was thought better of. */
export async function bodyFor(actor: string, command: string): Promise<{ readonly reason?: string } | undefined> {
  const consequence = Object.hasOwn(weighed, command) ? weighed[command] : undefined;
  if (consequence === undefined) return {};
  const reason = h('input', { 'aria-label': 'Reason', placeholder: 'reason, for those who read the log', maxlength: 500 });
  const decided = await ask(`${command} ${actor}?`, consequence, command, reason);
  if (!decided) return undefined;
  return reason.value.trim() === '' ? {} : { reason: reason.value.trim() };
}

/** A question with a yes, which is named after what it does. Escape is a no. */
export function ask(question: string, consequence: string, yes: string, field?: HTMLInputElement): Promise<boolean> {
  return new Promise((resolve) => {
    const box = h('dialog', { 'aria-labelledby': 'question' }, h('form', { method: 'dialog' }, h('h1', { id: 'question' }, question), h('p', {}, consequence), field,
      h('div', { class: 'tools' }, h('button', { value: 'yes', class: 'grave' }, yes), h('button', { value: '', autofocus: field === undefined }, 'leave it'))));
    box.addEventListener('close', () => {
      box.remove();
      resolve(box.returnValue === 'yes');
    });
    document.body.append(box);
    box.showModal();
  });
}
