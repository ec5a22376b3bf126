import type { ActorFace, ActorPush } from '../protocol.ts';
import type { OpenActor } from './actor.ts';
import type { Watch } from './watch.ts';

/** An open actor that a page looks at. */
export interface ActorWatch extends Watch<ActorPush> {
  readonly open: OpenActor;
  /** Once its log is read; news come from then on. */
  face(): Promise<ActorFace>;
}

export function actorWatch(open: OpenActor, changed: () => void, done: () => void): ActorWatch {
  let news: Watch<ActorPush> | undefined;
  let isOver = false;
  return {
    open,
    async face() {
      const face = await open.face();
      if (!isOver) news ??= open.watch(changed);
      return face;
    },
    take: () => news?.take(),
    leave() {
      isOver = true;
      news?.leave();
      done();
    },
  };
}
