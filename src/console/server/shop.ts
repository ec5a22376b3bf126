import type { Millrace } from '../../connect.ts';
import type { Definition } from '../../kernel/definition.ts';
import { openActor, type OpenActor } from '../feeds/actor.ts';
import { boardFeed, type BoardFeed } from '../feeds/board.ts';
import { deadFeed, type DeadFeed } from '../feeds/dead.ts';
import { linkFeed, type LinkFeed } from '../feeds/link.ts';
import { outputFeed, type OutputFeed } from '../feeds/output.ts';
import { shared, type Shared } from '../feeds/shared.ts';
import { workersFeed, type WorkersFeed } from '../feeds/workers.ts';
import { charts, type Charts } from '../layout/charts.ts';
import { drawer } from '../layout/drawer.ts';

/** Everything that all pages share. */
export interface Shop {
  readonly millrace: Millrace;
  readonly machines: readonly string[];
  readonly link: LinkFeed;
  readonly board: BoardFeed;
  readonly actors: Shared<OpenActor>;
  readonly output: OutputFeed;
  readonly dead: DeadFeed;
  readonly workers: WorkersFeed;
  readonly charts: Charts;
  close(): Promise<void>;
}

export interface ShopOptions {
  readonly millrace: Millrace;
  /** Machines it can draw and fold. Their activities are never called. */
  readonly definitions: readonly Definition[];
  readonly onError: (error: unknown) => void;
}

/** Actors that nobody looks at any more and that stay folded. */
const idleActors = 4;

/** Charts are laid out beforehand once all else has begun. */
const warmAfterMs = 1_000;

export async function openShop({ millrace, definitions, onError }: ShopOptions): Promise<Shop> {
  const link = linkFeed(millrace.broker);
  const board = await boardFeed(millrace);
  const workers = workersFeed(millrace.broker);
  const dead = deadFeed(millrace);
  const output = outputFeed(millrace);
  const [drawing, idle] = [drawer(), drawer()];
  const drawn = charts(drawing);
  const closing = new AbortController();
  const warming = setTimeout(() => { drawn.warm(definitions, idle, closing.signal).then(() => idle.close()).catch(onError); }, warmAfterMs).unref();
  const byName = new Map(definitions.map((definition) => [definition.stamp.name, definition]));
  const actors = shared((name) => openActor(name as OpenActor['actor'], { log: millrace.log, definitionOf: (type) => byName.get(type), linkUp: (signal) => up(link, signal), onError }), idleActors);
  await workers.reload();
  // What changed while the broker was away was not heard.
  const stop = link.onChange(({ state }) => {
    if (state === 'down') return;
    board.reload().catch(onError);
    workers.reload().catch(onError);
    dead.reload();
  });
  return {
    millrace, link, board, actors, output, dead, workers, machines: [...byName.keys()],
    charts: drawn,
    async close() {
      stop();
      clearTimeout(warming);
      closing.abort();
      for (const feed of [link, board, actors, output, dead, workers]) feed.close();
      await Promise.all([drawing.close(), idle.close()]);
    },
  };
}

/** Once the broker is there; when it is there already, in a moment: it may be about to find a stream again. */
function up(link: LinkFeed, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      stop();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const stop = link.onChange(({ state }) => { if (state === 'up') done(); });
    const timer = link.now.state === 'up' ? setTimeout(done, 250) : undefined;
    signal.addEventListener('abort', done, { once: true });
  });
}
