import type { ActivityScope, Definition } from '../../../src/kernel/definition.ts';
import { TerminalError } from '../../../src/kernel/errors.ts';
import { childMachine, parentMachine } from '../../unit/host/family.ts';
import type { Hands } from './hands.ts';
import type { Scenario, Wish } from './scenario.ts';

const kid = 'child/parent--p1--kid--1-0';
const create: Wish = { to: 'parent/p1', command: 'create', body: { name: 'ann' } };

const family = (course: { readonly hangs?: true; readonly fails?: true } = {}) => (hands: Hands): readonly Definition[] => {
  const child = childMachine(async ({ key, signal }: ActivityScope) => {
    await hands.act({ key, what: 'work', signal, adds: 'gold', ...(course.hangs ? { hangs: kid } : {}) });
    if (course.fails) throw new TerminalError('no_gold', 'there is none');
    return 'gold';
  });
  return [child, parentMachine(child)];
};

/** A machine that invokes another one, which is an actor of its own. */
export const familyScenarios: readonly Scenario[] = [
  { name: 'a parent and its child', definitions: family(), wishes: [create], ends: { 'parent/p1': 'completed', [kid]: 'completed' }, stock: ['gold'] },
  { name: 'a parent whose child fails', definitions: family({ fails: true }), wishes: [create], ends: { 'parent/p1': 'failed', [kid]: 'failed' }, stock: ['gold'] },
  {
    name: 'a parent that leaves its child', definitions: family({ hangs: true }),
    wishes: [create, { to: 'parent/p1', command: 'leave', when: (_state, { hung }) => hung.has(kid) }],
    ends: { 'parent/p1': 'cancelled', [kid]: 'cancelled' }, stock: ['gold'],
  },
  {
    name: 'a parent whose child refuses its input', definitions: family(),
    wishes: [{ ...create, body: { name: 'far too long a name' } }], ends: { 'parent/p1': 'failed' }, stock: [], letters: ['bad_body'],
  },
];
