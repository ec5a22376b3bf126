import type { BuildPorts } from '../../../src/machines/build/ports.ts';
import type { BuildRunner } from '../../../src/machines/run/runner.ts';
import type { Board } from '../../../src/runtime/ports/board.ts';
import type { DeadLetters } from '../../../src/runtime/ports/dead.ts';
import type { EventLog } from '../../../src/runtime/ports/log.ts';
import type { CommandQueue } from '../../../src/runtime/ports/queue.ts';
import type { Definition } from '../../../src/kernel/definition.ts';
import { fused, type Fuse } from './fuse.ts';
import { shortly } from './shortly.ts';

/** Activities by name, changed: what a test puts in the way of one. */
export type Change = (code: Definition['activities'][string]) => Definition['activities'][string];
export type Changes = Readonly<Record<string, Change>>;

interface HostParts {
  readonly log: EventLog;
  readonly queue: CommandQueue;
  readonly board: Board;
  readonly dead: DeadLetters;
}

const typeOf = (actor: string): string => actor.slice(0, actor.indexOf('/'));

/** What the host writes: every append, every message out, every acknowledgement. */
export function fuseParts(fuse: Fuse, { log, queue, board, dead }: HostParts): HostParts {
  const sending = fused(fuse, queue, {
    send: ({ to, command }: { to: string; command: string }) => `send ${typeOf(to)} ${command}`,
    schedule: ({ to, name }: { to: string; name: string }) => `schedule ${typeOf(to)} ${name}`,
  });
  return {
    log: fused(fuse, log, { append: (record: Parameters<EventLog['append']>[0]) => `append ${typeOf(record.actor)} ${shortly(record)}` }),
    dead: fused(fuse, dead, { put: ({ subject }: { subject: string }) => `dead letter ${subject}` }),
    board,
    queue: {
      ...sending,
      consume: (types, onDelivery) => queue.consume(types, (delivery) =>
        onDelivery({ ...delivery, ack: () => fuse.pass(`ack ${delivery.type} ${delivery.command}`, () => delivery.ack()) })),
    },
  };
}

/** Every change a step makes to the world, one by one. */
export function fusePorts(fuse: Pick<Fuse, 'pass'>, ports: BuildPorts): BuildPorts {
  const named = (verb: string) => (...args: readonly unknown[]) => [verb, ...args.filter((arg) => typeof arg === 'string' && arg.length < 40)].join(' ');
  return {
    ...ports,
    workspaces: fused(fuse, ports.workspaces, { ensure: named('unpack'), remove: named('remove workspace') }),
    entities: fused(fuse, ports.entities, { create: named('create'), update: named('update'), remove: named('remove') }),
    deployer: fused(fuse, ports.deployer, {
      prepare: named('prepare'), activate: named('activate'), deactivate: named('deactivate'), removeRelease: named('remove release'),
    }),
    addons: fused(fuse, ports.addons, {
      provision: (app: string, { name }: { name: string }) => `provision ${app} ${name}`,
      release: (app: string, { name }: { name: string }) => `release ${app} ${name}`,
    }),
  };
}

/** What a runner is told to do. Being asked how it goes changes nothing. */
export const fuseRunner = (fuse: Pick<Fuse, 'pass'>, runner: BuildRunner): BuildRunner =>
  fused(fuse, runner, { trigger: () => `trigger ${runner.name}`, cancel: () => `cancel ${runner.name}` });

/** The code of every activity, before and after it, with the test's changes inside. */
export function fuseActivities(fuse: Fuse, definition: Definition, changes: Changes): Definition {
  const activities = Object.entries(definition.activities).map(([name, code]) => {
    const changed = changes[name]?.(code) ?? code;
    return [name, (scope: never) => fuse.pass(`activity ${definition.stamp.name} ${name}`, () => changed(scope))] as const;
  });
  return { ...definition, activities: Object.fromEntries(activities) as Definition['activities'] };
}
