/**
 * A process that can die at a named point. Everything a worker does to the outside passes here; once it
 * has blown, nothing of that worker reaches the outside any more, as if it had been killed there.
 */
export interface Fuse {
  /** The points that were passed, in order: `before <name>` and `after <name>`. */
  readonly passed: readonly string[];
  /** Resolves when it has blown. */
  readonly blown: Promise<void>;
  isBlown(): boolean;
  pass<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Called in the moment it blows. */
  onBlow(die: () => void): void;
}

/** `at` as `before <name>` or `after <name>`; a name that is passed again is `<name> (2)` then. Without it, it only takes notes. */
export function makeFuse(at?: string): Fuse {
  const passed: string[] = [];
  const counts = new Map<string, number>();
  const deaths: (() => void)[] = [];
  let dead = false;
  let blow = (): void => {};
  const blown = new Promise<void>((resolve) => { blow = resolve; });

  function point(name: string): void {
    if (dead) throw new Killed(name);
    passed.push(name);
    if (name !== at) return;
    dead = true;
    for (const die of deaths) die();
    blow();
    throw new Killed(name);
  }

  return {
    passed, blown,
    isBlown: () => dead,
    onBlow: (die) => void deaths.push(die),
    async pass(name, work) {
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      const full = count === 1 ? name : `${name} (${count})`;
      point(`before ${full}`);
      const result = await work();
      point(`after ${full}`);
      return result;
    },
  };
}

/** What a killed worker's code meets wherever it goes on. */
export class Killed extends Error {
  constructor(point: string) {
    super(`this worker is dead: ${point}`);
  }
}

type Method = (...args: never[]) => Promise<unknown>;

/** The same object, the named methods passing through the fuse. `nameOf` says what a call is called. */
export function fused<T extends object>(fuse: Pick<Fuse, 'pass'>, part: T, nameOf: Partial<Record<keyof T, (...args: never[]) => string>>): T {
  const methods = Object.entries(nameOf).map(([key, name]) => {
    const method = part[key as keyof T] as Method;
    const wrapped: Method = (...args) => fuse.pass((name as (...args: never[]) => string)(...args), () => method.apply(part, args));
    return [key, wrapped];
  });
  return { ...part, ...Object.fromEntries(methods) as Partial<T> };
}
