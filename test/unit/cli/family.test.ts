import { expect, test } from 'vitest';
import { branchesOf, branchLines } from '../../../src/cli/family.ts';
import type { ActorName } from '../../../src/kernel/record.ts';
import type { BoardEntry } from '../../../src/projections/board.ts';

const entry = (actor: ActorName, more: Partial<BoardEntry> = {}): BoardEntry => ({ actor, status: 'running', value: 'on', seq: 1, at: 0, ...more });

test('given a family on the board, when its children are listed, then each stands under its parent with its status, also one that is not made yet', async () => {
  const lines = new Map([entry('leg/l1', { status: 'blocked', children: ['run/r1', 'run/r2'] }), entry('run/r1', { status: 'waiting' })].map((one) => [one.actor, one]));
  const branches = await branchesOf({ get: async (actor) => lines.get(actor) }, ['leg/l1']);
  expect(branchLines(branches)).toEqual(['leg/l1  blocked', '  run/r1  waiting', '  run/r2  waiting']);
});

test('given a board on which two actors are each other\'s children, when they are listed, then that comes to an end', async () => {
  const board = { get: async (actor: ActorName) => entry(actor, { children: [actor === 'a/1' ? 'a/2' : 'a/1'] }) };
  expect(branchLines(await branchesOf(board, ['a/1']))).toHaveLength(16);
});
