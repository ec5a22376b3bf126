import { stateText } from '../../kernel/state-text.ts';
import { awaitedText } from '../../projections/awaited.ts';
import type { BoardRow } from '../protocol.ts';
import { time } from './dom.ts';

/** Only what a person asks for; an actor may take other commands from its children and from programs. */
export const peoples: readonly string[] = ['stop', 'start', 'cancel', 'retry-undo', 'abandon'];

/** Where an actor is, for people: of a saga the step it is at, nothing when its status says all; of any other chart its state. */
export function stateWords(value: unknown): string {
  if (typeof value !== 'object' || value === null || !('work' in value) || !('control' in value)) return stateText(value);
  const { work } = value;
  if (typeof work !== 'object' || work === null) return '';
  return Object.entries(work as Readonly<Record<string, unknown>>).flatMap(([key, inner]) => (key.startsWith('side-by-side-') && typeof inner === 'object' && inner !== null ? Object.entries(inner) : [[key, inner] as const]))
    .filter(([, inner]) => inner !== 'done' && inner !== 'awaiting' && inner !== 'over').map(([step, inner]) => stepWords(step, stateText(inner))).join(', ');
}

function stepWords(key: string, inner: string): string {
  const [, step] = /^undo-(.*)$/.exec(key) ?? [];
  if (step !== undefined) return inner.includes('backingOff') ? `undoing ${step}, to be tried again` : inner.includes('blocked') ? `undoing ${step}: stuck` : `undoing ${step}`;
  if (inner.includes('backingOff')) return `${key}, to be tried again`;
  if (inner.includes('paused')) return `${key} is next`;
  return inner.startsWith('checking') ? `is ${key} done already?` : key;
}

/** What it waits for, and until when. Children have links of their own; what runs is where it is. */
export const waitsText = ({ actor, waitingFor = [] }: Pick<BoardRow, 'actor' | 'waitingFor'>): string =>
  awaitedText(actor.slice(0, actor.indexOf('/')), waitingFor, peoples, time);
