import { expect, it } from 'vitest';
import { readOnlyMachines } from '../../src/standard.ts';

it('given a process that only looks, when it asks for the machines Millrace brings along, then it has their charts and none of their code', async () => {
  const machines = readOnlyMachines();
  expect(machines.map(({ stamp }) => stamp.name)).toEqual(['build', 'run', 'promise']);
  for (const { stamp, activities } of machines) expect(activities.size, stamp.name).toBeGreaterThan(0);
});
