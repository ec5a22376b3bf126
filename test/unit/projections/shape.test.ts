import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { sandboxDefinition } from '../../../examples/sandbox/sandbox.ts';
import type { Definition } from '../../../src/kernel/definition.ts';
import { defineSaga } from '../../../src/machines/saga/define.ts';
import { step } from '../../../src/machines/saga/step.ts';
import { shapeChanges, shapesOf, type Shapes } from '../../../src/projections/shape.ts';
import { readOnlyMachines } from '../../../src/read-only-machines.ts';

test('A7.16: given the machines of this repository, when one has changed since its shape was locked, then this fails: give it a version, and run `npm run lock`', () => {
  const locked = JSON.parse(readFileSync('machines.lock.json', 'utf8')) as Shapes;
  expect(Object.keys(locked)).toEqual(expect.arrayContaining(['build', 'run', 'promise', 'sandbox']));
  expect(shapeChanges(locked, shapesOf([...readOnlyMachines(), sandboxDefinition('/anywhere')]))).toEqual([]);
});

const saga = (version: string, steps: readonly string[], attempts = 1): Definition => defineSaga({
  name: 'trip', version, input: z.object({}),
  steps: steps.map((name) => step({ name, needs: z.object({}), gives: z.object({}), run: () => Promise.resolve({}), retry: { attempts, delayMs: 1 } })),
});

test.each([
  ['a step is renamed and the version kept', saga('1', ['a', 'z']), [{ machine: 'trip', silent: true, what: expect.stringMatching(/^trip 1 has changed and kept its version; no longer has the activities and children b; has the new activities and children z; /) as string }]],
  ['only a retry is changed and the version kept', saga('1', ['a', 'b'], 2), [{ machine: 'trip', silent: true, what: 'trip 1 has changed and kept its version; the same states and work, with other transitions, guards, actions or schemas' }]],
  ['a step is added under another version', saga('2', ['a', 'b', 'c']), [{ machine: 'trip', silent: false, what: expect.stringMatching(/^trip 1 is now 2; has the new activities and children c; /) as string }]],
  ['nothing is changed', saga('1', ['a', 'b']), []],
])('given a locked saga, when %s, then it is said so, and whether it was silent', (_what, changed, changes) => {
  expect(shapeChanges(shapesOf([saga('1', ['a', 'b'])]), shapesOf([changed]))).toEqual(changes);
});

test('given a lock, when a machine is gone and another one new, then both are named', () => {
  const [one] = [saga('1', ['a'])];
  expect(shapeChanges(shapesOf([one]), {}).map(({ what }) => what)).toEqual(['trip 1 is gone']);
  expect(shapeChanges({}, shapesOf([one])).map(({ what }) => what)).toEqual(['trip is new']);
});
