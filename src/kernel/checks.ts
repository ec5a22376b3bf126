import type { AnyStateMachine } from 'xstate';
import { TerminalError } from './errors.ts';
import { commandProblem, requireToken } from './names.ts';
import { checkActions } from './checks-actions.ts';
import { checkGuards } from './checks-guards.ts';
import { requireKnown, type Known } from './checks-known.ts';
import { invokesOf, nodesOf, together, type InvokeConfig, type StateNode } from './xstate-nodes.ts';

/** Refuse, with a name for each case, what a chart holds and a log cannot keep. @throws TerminalError */
export function checkChart(machine: AnyStateMachine, known: Known): void {
  const nodes = nodesOf(machine);
  for (const node of nodes) {
    for (const invoke of invokesOf(node)) checkInvoke(node, invoke, known);
    checkEvents(node);
    checkDelays(node, machine.implementations.delays);
    checkGuards(node, machine.implementations.guards);
    checkActions(node, machine.implementations.actions, known);
  }
  checkIdsApart(nodes);
}

function checkInvoke(node: StateNode, { id, src, onSnapshot }: InvokeConfig, known: Known): void {
  const where = `an invoke in "${node.id}"`;
  if (typeof src !== 'string') {
    throw new TerminalError('inline_logic', `${where} has its logic inline`, { hint: 'name it in setup({ actors: { charge: … } }) and write src: "charge"' });
  }
  if (typeof id !== 'string') {
    throw new TerminalError('invoke_without_id', `${where} has no id`, { hint: 'give it an id of its own: the one XState makes up changes when states are renamed or moved' });
  }
  requireToken(id, 'bad_invoke_id', `the id of ${where},`);
  if (onSnapshot !== undefined) {
    throw new TerminalError('invoke_on_snapshot', `${where} has onSnapshot, but only the end of "${id}" is a fact in the log`, { hint: 'let the child send a command to its parent instead' });
  }
  requireKnown(src, known, where);
}

/** How a child stands, which a chart may listen to. */
const childNews = /^xstate\.child\.(stopped|resumed)\.[A-Za-z0-9_-]+$/;

function checkEvents(node: StateNode): void {
  for (const name of Object.keys(node.config.on ?? {})) {
    if (name === '*' || childNews.test(name)) continue;
    const problem = commandProblem(name);
    if (problem !== undefined) {
      throw new TerminalError('bad_event_name', `"${node.id}" listens to an event no command can be: ${problem}`, { hint: 'name it with letters, digits, - and _ only; "*" alone is allowed' });
    }
  }
}

function checkDelays(node: StateNode, delays: Readonly<Record<string, unknown>>): void {
  for (const delay of Object.keys(node.config.after ?? {})) {
    if (!Number.isNaN(+delay) || Object.hasOwn(delays, delay)) continue;
    throw new TerminalError('missing_delay', `"${node.id}" waits for the delay "${delay}", which is nowhere given`, { hint: 'give it in setup({ delays }), in milliseconds' });
  }
}

/** Two states that are active at once may not invoke under one id: a result could not be told apart. */
function checkIdsApart(nodes: readonly StateNode[]): void {
  const invokes = nodes.flatMap((node) => invokesOf(node).map(({ id }) => ({ node, id })));
  for (const [i, one] of invokes.entries()) {
    const other = invokes.find(({ node, id }, j) => j > i && id === one.id && together(one.node, node));
    if (other !== undefined) {
      throw new TerminalError('duplicate_invoke_id', `"${one.node.id}" and "${other.node.id}" can be active at once and both invoke under the id "${String(one.id)}"`, { hint: 'give each its own id' });
    }
  }
}
