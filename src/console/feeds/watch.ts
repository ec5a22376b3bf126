/** Something a page watches. It is told that there is news, and takes it when the page can. */
export interface Watch<T> {
  /** What is new since it was taken last; undefined when nothing is. */
  take(): T | undefined;
  leave(): void;
}
