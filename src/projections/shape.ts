import type { Definition } from '../kernel/definition.ts';
import { chartOf } from './chart/chart.ts';

/** What of a machine decides whether a log of it can be gone on with, in words people can read in a review. Plain JSON. */
export interface Shape {
  readonly version: string;
  /** SHA-256 over name, version and the chart's shape: {@link Definition.stamp}. */
  readonly hash: string;
  /** Commands with a body of their own, the creating one first. */
  readonly commands: readonly string[];
  /** Activities and children, by the name a record says they have. */
  readonly work: readonly string[];
  readonly states: readonly string[];
}

/** Shapes by the machine's name: what a lock file holds. */
export type Shapes = Readonly<Record<string, Shape>>;

/** Pure. */
export function shapeOf({ stamp: { version, hash }, createdBy, commands, activities, children, machine }: Definition): Shape {
  return {
    version, hash,
    commands: [createdBy, ...Object.keys(commands).toSorted()],
    work: [...Object.keys(activities), ...Object.keys(children)].toSorted(),
    states: chartOf(machine).states.map(({ id }) => id).toSorted(),
  };
}

export const shapesOf = (definitions: readonly Definition[]): Shapes =>
  Object.fromEntries(definitions.map((definition): [string, Shape] => [definition.stamp.name, shapeOf(definition)]).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** One machine that is not as it was locked. `silent`: it changed and kept its version, so that its logs cannot tell which one wrote them. */
export interface ShapeChange {
  readonly machine: string;
  readonly silent: boolean;
  readonly what: string;
}

/** What has changed since the shapes were locked. Pure. */
export function shapeChanges(locked: Shapes, now: Shapes): readonly ShapeChange[] {
  const names = [...new Set([...Object.keys(locked), ...Object.keys(now)])].toSorted();
  return names.flatMap((machine): ShapeChange[] => {
    const [before, after] = [locked[machine], now[machine]];
    if (before === undefined) return [{ machine, silent: false, what: `${machine} is new` }];
    if (after === undefined) return [{ machine, silent: false, what: `${machine} ${before.version} is gone` }];
    if (before.hash === after.hash) return [];
    const silent = before.version === after.version;
    const how = silent ? `${machine} ${after.version} has changed and kept its version` : `${machine} ${before.version} is now ${after.version}`;
    return [{ machine, silent, what: [how, ...details(before, after)].join('; ') }];
  });
}

function details(before: Shape, after: Shape): string[] {
  const parts = [['commands', 'commands'], ['work', 'activities and children'], ['states', 'states']] as const;
  const found = parts.flatMap(([part, noun]) => [
    ...some(`no longer has the ${noun}`, before[part].filter((name) => !after[part].includes(name))),
    ...some(`has the new ${noun}`, after[part].filter((name) => !before[part].includes(name))),
  ]);
  return found.length > 0 ? found : ['the same states and work, with other transitions, guards, actions or schemas'];
}

const shownAtMost = 6;
const some = (what: string, names: readonly string[]): string[] => (names.length === 0 ? []
  : [`${what} ${names.slice(0, shownAtMost).join(', ')}${names.length > shownAtMost ? ` and ${names.length - shownAtMost} more` : ''}`]);
