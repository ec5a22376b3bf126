import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, jsonProblem, settled } from '../../../src/kernel/canonical.ts';
import { actorName, isToken, parseActor } from '../../../src/kernel/names.ts';
import { codeOf } from './support/drive.ts';

class Point { readonly x = 1; }

describe('canonical JSON', () => {
  it('given equal values with keys in any order, then the bytes are equal and mean the same', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }));
    expect(canonicalJson({ b: 1, a: { d: [1, { z: 1, y: undefined }], c: 2 } })).toBe('{"a":{"c":2,"d":[1,{"z":1}]},"b":1}');
  });

  it.each<[string, unknown, string]>([
    ['a Date', { a: [{ at: new Date(0) }] }, 'a[0].at is a Date'],
    ['an Error', { error: new Error('x') }, 'error is a Error'],
    ['a Map', new Map(), 'the value is a Map'],
    ['an instance', { p: new Point() }, 'p is a Point'],
    ['a function', { f: () => 1 }, 'f is a function'],
    ['NaN', [Number.NaN], '[0] is NaN'],
    ['infinity', { n: Infinity }, 'n is Infinity'],
    ['undefined in a list', { a: [undefined] }, 'a[0] is undefined'],
    ['a bigint', { n: 1n }, 'n is a bigint'],
    ['a prototype key', JSON.parse('{"__proto__":1}'), '__proto__ is a key that JavaScript takes for the prototype'],
  ])('given %s, then the problem says where it stands', (_, value, problem) => {
    expect(jsonProblem(value)).toBe(problem);
    expect(codeOf(() => settled(value, 'some_code', 'it'))).toBe('some_code');
  });

  it('given a circle, then it is a problem and not a crash', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    expect(jsonProblem(circle)).toMatch(/in a circle/);
    expect(codeOf(() => settled(circle, 'round', 'it'))).toBe('round');
  });

  it('given a plain value, when settled, then it is a frozen copy that shares what is known and leaves the original alone', () => {
    const mine = { b: { deep: [1] }, a: undefined, n: -0 };
    const first = settled(mine, 'x', 'it') as { b: { deep: number[] }; n: number };
    expect(Object.keys(first)).toEqual(['b', 'n']);
    expect(Object.is(first.n, 0)).toBe(true);
    expect(Object.isFrozen(first.b.deep)).toBe(true);
    expect(Object.isFrozen(mine.b)).toBe(false);
    const second = settled({ ...first, c: 1 }, 'x', 'it', first) as { b: unknown };
    expect(second.b).toBe(first.b);
  });
});

describe('names', () => {
  it('given anything but two tokens, then it names no actor, and the error says what would', () => {
    expect(parseActor('build/b-4_2')).toEqual({ actor: 'build/b-4_2', type: 'build', id: 'b-4_2' });
    expect(actorName('build', 'b1')).toBe('build/b1');
    for (const name of ['', 'build', 'build/', '/b1', 'a/b/c', 'a.b/c', 'a/b c', 'a/*', 'a/>', 'ä/b']) expect(codeOf(() => parseActor(name))).toBe('bad_actor_name');
    expect(() => parseActor('build b1')).toThrow(expect.objectContaining({ hint: expect.stringContaining('<type>/<id>') as string }));
    expect([isToken('a\n'), isToken('a-Z_9')]).toEqual([false, true]);
  });
});
