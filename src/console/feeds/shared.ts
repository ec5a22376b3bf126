/** Things that are open while somebody uses them, each once for all its users. */
export interface Shared<T> {
  /** @throws what `open` throws. */
  use(name: string): { readonly it: T; readonly leave: () => void };
  close(): void;
}

/** `keep`: so many that nobody uses any more stay open, in case they are wanted again. */
export function shared<T extends { close(): void }>(open: (name: string) => T, keep: number): Shared<T> {
  const all = new Map<string, { readonly it: T; users: number }>();
  const tidy = (): void => {
    const idle = [...all].filter(([, { users }]) => users === 0);
    for (const [name, { it }] of idle.slice(0, Math.max(0, idle.length - keep))) {
      all.delete(name);
      it.close();
    }
  };
  return {
    use(name) {
      const one = all.get(name) ?? { it: open(name), users: 0 };
      // The one used last stands last.
      all.delete(name);
      all.set(name, one);
      one.users++;
      let left = false;
      return { it: one.it, leave: () => {
        if (left) return;
        left = true;
        one.users--;
        tidy();
      } };
    },
    close() {
      for (const { it } of all.values()) it.close();
      all.clear();
    },
  };
}
