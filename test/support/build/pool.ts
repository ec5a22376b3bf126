/** Do the work for every item, `width` at a time; what failed, each with its item's name. */
export async function failuresOf(items: readonly string[], width: number, work: (item: string) => Promise<void>): Promise<string[]> {
  const failures: string[] = [];
  const waiting = [...items];
  const one = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      await work(item).catch((error: unknown) => { failures.push(`${item}: ${error instanceof Error ? error.message : String(error)}`); });
    }
  };
  await Promise.all(Array.from({ length: width }, one));
  return failures;
}
