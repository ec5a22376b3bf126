import { beforeAll, describe, expect, it } from 'vitest';
import type { Entities } from '../../src/machines/build/ports.ts';

/** What every store of entities does. `make` gives one on the same store each time it is called. */
export function entitiesContract(name: string, make: () => Promise<Entities>): void {
  describe(`entities: ${name}`, () => {
    let entities: Entities;
    let other: Entities;
    let ids = 0;
    const fresh = (): string => `e${++ids}`;

    beforeAll(async () => { [entities, other] = [await make(), await make()]; });

    it('given nothing under a name, when it is read, then there is nothing', async () => {
      expect(await entities.get('app', fresh())).toBeUndefined();
    });

    it('given a created entity, when anybody reads it, then it has its value and revision', async () => {
      const id = fresh();
      const revision = await entities.create('app', id, { a: [1, { b: 'ü' }] });
      expect(await other.get('app', id)).toEqual({ value: { a: [1, { b: 'ü' }] }, revision });
      expect(await other.get('config', id)).toBeUndefined();
    });

    it('given two that create the same entity at once, then one does and the other hears entity_exists', async () => {
      const id = fresh();
      const answers = await Promise.allSettled([entities.create('app', id, { by: 1 }), other.create('app', id, { by: 2 })]);
      expect(answers.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      await expect(entities.create('app', id, {})).rejects.toMatchObject({ code: 'entity_exists', retryable: false });
      expect((await entities.get('app', id))?.value).toEqual({ by: answers[0].status === 'fulfilled' ? 1 : 2 });
    });

    it('given a revision that is not the current one, when it is updated, then it hears entity_changed and nothing is stored', async () => {
      const id = fresh();
      const first = await entities.create('app', id, { v: 1 });
      const second = await other.update('app', id, { v: 2 }, first);
      expect(second).toBeGreaterThan(first);
      await expect(entities.update('app', id, { v: 3 }, first)).rejects.toMatchObject({ code: 'entity_changed', retryable: true });
      await expect(entities.update('app', fresh(), { v: 1 }, 0)).rejects.toMatchObject({ code: 'entity_changed' });
      expect(await entities.get('app', id)).toEqual({ value: { v: 2 }, revision: second });
    });

    it('given many that count up one entity at once, when all have succeeded, then no count is lost', async () => {
      const id = fresh();
      await entities.create('app', id, { count: 0 });
      const countUp = async (store: Entities): Promise<void> => {
        for (;;) {
          const there = await store.get('app', id);
          const done = await store.update('app', id, { count: Number(there?.value['count']) + 1 }, there?.revision ?? 0).then(() => true, () => false);
          if (done) return;
        }
      };
      await Promise.all(Array.from({ length: 10 }, (_, index) => countUp(index % 2 === 0 ? entities : other)));
      expect((await entities.get('app', id))?.value).toEqual({ count: 10 });
    });

    it('given a newer revision, when an older one is removed, then it is left alone and says so', async () => {
      const id = fresh();
      const first = await entities.create('app', id, { v: 1 });
      const second = await entities.update('app', id, { v: 2 }, first);
      expect(await entities.remove('app', id, first)).toBe(false);
      expect(await entities.get('app', id)).toBeDefined();
      expect(await entities.remove('app', id, second)).toBe(true);
      expect(await entities.get('app', id)).toBeUndefined();
      expect(await entities.remove('app', id, second)).toBe(true);
      expect(await entities.remove('app', id)).toBe(true);
    });

    it('given a removed entity, when an old revision is updated, then it stays gone; when it is created again, then it is new', async () => {
      const id = fresh();
      const first = await entities.create('app', id, { v: 1 });
      await entities.remove('app', id);
      await expect(entities.update('app', id, { v: 2 }, first)).rejects.toMatchObject({ code: 'entity_changed' });
      const again = await entities.create('app', id, { v: 3 });
      expect(again).toBeGreaterThan(first);
      expect(await entities.get('app', id)).toEqual({ value: { v: 3 }, revision: again });
      expect(await entities.remove('app', id, first)).toBe(false);
    });

    it('given entities of two kinds, when one kind is listed, then those that are there come by id', async () => {
      const revision = await entities.create('listed', 'b', { v: 1 });
      await entities.create('listed', 'a', { v: 2 });
      await entities.create('listed', 'gone', {});
      await entities.create('listed-too', 'c', {});
      await entities.remove('listed', 'gone');
      const all = await other.list('listed');
      expect(all.map(({ id, entity }) => [id, entity.value])).toEqual([['a', { v: 2 }], ['b', { v: 1 }]]);
      expect(all[1]?.entity.revision).toBe(revision);
      expect(await entities.list('nothing')).toEqual([]);
    });

    it.each(['', 'a.b', '*', '>', 'a b', 'a/b'])('given %j as a name, then it is refused and nothing else is touched', async (bad) => {
      const refusal = { code: 'bad_entity_name', retryable: false };
      await expect(entities.get('app', bad)).rejects.toMatchObject(refusal);
      await expect(entities.create(bad, 'x', {})).rejects.toMatchObject(refusal);
      await expect(entities.remove('app', bad)).rejects.toMatchObject(refusal);
      await expect(entities.list(bad)).rejects.toMatchObject(refusal);
    });
  });
}
