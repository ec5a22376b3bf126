import type { AnyStateMachine } from 'xstate';
import { defineMachine } from '../../../src/kernel/define.ts';
import type { Definition } from '../../../src/kernel/definition.ts';
import { always, deep, deepHistory, join, patient, self, shallow } from './nested.ts';
import { child, grandchild, listener, raises, talk, tree } from './talking.ts';

/** How a machine looks to whoever speaks to it. */
export interface Look {
  readonly value: unknown;
  readonly context: unknown;
}

/** What is said to a machine, each word as soon as it looks so. */
export type Script = readonly (readonly [command: string, when: (look: Look) => boolean])[];

export interface Foreign {
  readonly machine: AnyStateMachine;
  readonly script: Script;
}

const at = (value: unknown) => (look: Look): boolean => JSON.stringify(look.value) === JSON.stringify(value);
const counted = (count: number) => ({ context }: Look): boolean => (context as { count: number }).count === count;
const got = (count: number) => ({ context }: Look): boolean => (context as { got: Record<string, string> }).got[String(count)] !== undefined;

/** Ten machines, none of them made with Millrace in mind. */
export const foreigners: readonly Foreign[] = [
  { machine: deep, script: [] },
  { machine: join, script: [] },
  {
    machine: shallow,
    script: [
      ['next', at({ working: 'first' })], ['next', at({ working: { second: 'early' } })], ['pause', at({ working: { second: 'late' } })],
      ['resume', at('resting')], ['next', at({ working: { second: 'early' } })], ['close', at({ working: { second: 'late' } })],
    ],
  },
  {
    machine: deepHistory,
    script: [
      ['next', at({ working: { a: 'x', b: 'still' } })], ['poke', at({ working: { a: { y: 'p' }, b: 'moved' } })], ['pause', at({ working: { a: { y: 'q' }, b: 'moved' } })],
      ['resume', at('resting')], ['close', at({ working: { a: { y: 'q' }, b: 'moved' } })],
    ],
  },
  { machine: always, script: [['poke', counted(0)], ['poke', counted(1)], ['next', counted(2)], ['poke', at({ count: 'waiting', lamp: 'on' })]] },
  { machine: self, script: [['poke', got(0)], ['poke', got(1)], ['next', got(2)], ['close', counted(12)]] },
  { machine: patient, script: [] },
  { machine: raises, script: [] },
  { machine: tree, script: [] },
  { machine: talk, script: [] },
];

/** The same machines, made durable. */
export function durable(): readonly Definition[] {
  const grand = defineMachine({ machine: grandchild, version: '1' });
  const middle = defineMachine({ machine: child, version: '1', children: { grandchild: grand } });
  const hears = defineMachine({ machine: listener, version: '1' });
  const children: Readonly<Record<string, Readonly<Record<string, Definition>>>> = { tree: { child: middle }, talk: { listener: hears } };
  return [grand, middle, hears, ...foreigners.map(({ machine }) => defineMachine({ machine, version: '1', children: children[machine.id] ?? {} }))];
}
