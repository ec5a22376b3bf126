/** What a process was doing when it died: the call did not reach the broker, or it did and nobody heard. */
export type Cut = 'before' | 'after';

/** Where a process is hit: at its `point`-th call, counted from 1. */
export interface Hit {
  readonly point: number;
  readonly cut: Cut;
  /** It dies; it lives on and hears and says nothing more to the queue; or it is asked to stop. */
  readonly how: 'dies' | 'goes deaf' | 'is stopped';
}

/** One host's process, from its start to its death. */
export interface Life {
  /** One call that can be the last thing the process does. */
  at<T>(what: string, call: () => Promise<T>): Promise<T>;
  atOnce(what: string, call: () => void): void;
  /** Every call so far, in order. */
  readonly points: readonly string[];
  readonly wasHit: () => boolean;
}

const never = <T>(): Promise<T> => new Promise<T>(() => {});

/** `strike` does to the host what the hit says; `delay`: how long a call is on its way. After its death nothing of the process goes on. */
export function makeLife(hit: Hit | undefined, strike: (hit: Hit) => void, delay: () => Promise<void>): Life {
  const points: string[] = [];
  let struck = false;
  const isDead = (): boolean => struck && hit?.how === 'dies';
  const isNow = (point: number, cut: Cut): boolean => !struck && hit?.point === point && hit.cut === cut;
  const fall = (): void => {
    struck = true;
    if (hit !== undefined) strike(hit);
  };
  return {
    points,
    wasHit: () => struck,
    async at(what, call) {
      if (isDead()) return never();
      const point = points.push(what);
      if (isNow(point, 'before')) fall();
      if (isDead()) return never();
      await delay();
      if (isDead()) return never();
      try {
        return await call();
      } finally {
        if (isNow(point, 'after')) fall();
        if (isDead()) await never();
      }
    },
    atOnce(what, call) {
      if (isDead()) return;
      const point = points.push(what);
      if (isNow(point, 'before')) fall();
      if (isDead()) return;
      call();
      if (isNow(point, 'after')) fall();
    },
  };
}
