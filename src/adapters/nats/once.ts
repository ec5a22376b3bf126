/** Something made on first use and kept; after a failure, or when told to forget it, the next use makes it again. */
export interface Once<T> {
  (): Promise<T>;
  forget(): void;
}

export function once<T>(make: () => Promise<T>): Once<T> {
  let made: Promise<T> | undefined;
  const get = (): Promise<T> => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
  return Object.assign(get, { forget: () => { made = undefined; } });
}
