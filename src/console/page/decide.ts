import { h } from './dom.ts';

/** What each command does, for who is asked once more; they take a reason, which the audit keeps. */
const consequences: Readonly<Record<string, string>> = {
  stop: 'What goes on is paused. Nothing is undone.',
  start: 'It goes on where it was stopped.',
  'retry-undo': 'What could not be undone is tried again.',
  cancel: 'What goes on is ended, and what was done is undone.',
  abandon: 'What is not undone yet stays as it is, for good. Nobody will undo it later.',
};

/** These cannot be taken back. */
const grave = ['cancel', 'abandon'];

/**
 * Asks for a reason before a command that takes one; Enter sends it at once, with or without. The body to send with it;
 * undefined when it was thought better of. `isTaken`: false when the actor would refuse it now; it is sent to hear why.
 */
export async function bodyFor(actor: string, command: string, isTaken = true): Promise<{ readonly reason?: string } | undefined> {
  const consequence = Object.hasOwn(consequences, command) ? consequences[command] : undefined;
  if (consequence === undefined || !isTaken) return {};
  const reason = h('input', { 'aria-label': 'Reason', placeholder: 'reason, for those who read the log', maxlength: 500 });
  // The actor may be past it by now.
  const decided = await ask(`${command} ${actor}?`, `If it is taken: ${consequence.charAt(0).toLowerCase()}${consequence.slice(1)}`, command, reason, grave.includes(command));
  if (!decided) return undefined;
  return reason.value.trim() === '' ? {} : { reason: reason.value.trim() };
}

/** A question with a yes, which is named after what it does. Escape is a no. */
export function ask(question: string, consequence: string, yes: string, field?: HTMLInputElement, isGrave = true): Promise<boolean> {
  return new Promise((resolve) => {
    const box = h('dialog', { 'aria-labelledby': 'question' }, h('form', { method: 'dialog' }, h('h1', { id: 'question' }, question), h('p', {}, consequence), field,
      h('div', { class: 'tools' }, h('button', { value: 'yes', class: isGrave ? 'grave' : '' }, yes), h('button', { value: '', autofocus: field === undefined }, 'leave it'))));
    box.addEventListener('close', () => {
      box.remove();
      resolve(box.returnValue === 'yes');
    });
    document.body.append(box);
    box.showModal();
  });
}
