import { makeSite, type Site } from './site.ts';

/** The model world: what the activities of a scenario did to it. Everything is named by an idempotency key. */
export interface Ledger {
  /** Every effect by its key, as `<what>`; doing one again changes nothing. */
  readonly done: ReadonlyMap<string, string>;
  /** What is there now. */
  readonly stock: ReadonlySet<string>;
  /** Emits and custom actions, which may come more than once. */
  readonly noticed: Set<string>;
  /** The first run of an activity that is to hang, by actor and name: its key. */
  readonly hung: Map<string, string>;
  /** Effects that began before the record that asks for them was stored. */
  readonly tooEarly: string[];
  /** What builds change, made when it is first asked for. */
  site(): Site;
  readonly hasSite: () => boolean;
  apply(key: string, what: string, change?: { readonly adds?: string | undefined; readonly removes?: string | undefined }): void;
}

export function makeLedger(): Ledger {
  const done = new Map<string, string>();
  const stock = new Set<string>();
  let site: Site | undefined;
  return {
    done, stock, noticed: new Set(), hung: new Map(), tooEarly: [],
    site: () => (site ??= makeSite()),
    hasSite: () => site !== undefined,
    apply(key, what, { adds, removes } = {}) {
      done.set(key, what);
      if (adds !== undefined) stock.add(adds);
      if (removes !== undefined) stock.delete(removes);
    },
  };
}
