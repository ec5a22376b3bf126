import type { ELK } from 'elkjs/lib/elk-api.js';

let loaded: Promise<ELK> | undefined;

/** The layout library, loaded when first needed: it is large. */
export function elk(): Promise<ELK> {
  loaded ??= import('elkjs/lib/elk.bundled.js').then((module) => {
    // A CommonJS module: its default export is seen once more inside, or not, by who bundles it.
    const constructor = module.default as unknown as { new (): ELK; default?: new () => ELK };
    return new (constructor.default ?? constructor)();
  });
  return loaded;
}
