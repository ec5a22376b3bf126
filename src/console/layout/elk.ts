import type { ELK, ElkNode } from 'elkjs/lib/elk-api.js';

/** Says where everything of a graph stands. */
export type Arrange = (graph: ElkNode) => Promise<ElkNode>;

let loaded: Promise<ELK> | undefined;

/** By the layout library, which is loaded when first needed: it is large. */
export const arrange: Arrange = async (graph) => {
  loaded ??= import('elkjs/lib/elk.bundled.js').then((module) => {
    // A CommonJS module: its default export is seen once more inside, or not, by who bundles it.
    const constructor = module.default as unknown as { new (): ELK; default?: new () => ELK };
    return new (constructor.default ?? constructor)();
  });
  return (await loaded).layout(graph);
};
