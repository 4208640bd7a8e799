import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LayeredMap } from "../../../../workers/coordinator/object/layered-map.ts";

const entries = fc.array(fc.tuple(fc.constantFrom<string[]>("a", "b", "c", "d", "e"), fc.string()));

describe("a layered map", () => {
  it("reads as one map with the changes, whose order it has, and leaves what is below", () => {
    fc.assert(
      fc.property(entries, entries, (below, changes) => {
        const [base, expected] = [new Map(below), new Map(below)];
        const layered = new LayeredMap(base);
        for (const [key, value] of changes) {
          layered.set(key, value);
          expected.set(key, value);
        }
        expect([...layered]).toEqual([...expected]);
        expect([...layered.keys()]).toEqual([...expected.keys()]);
        expect([...layered.values()]).toEqual([...expected.values()]);
        expect(layered.size).toBe(expected.size);
        for (const key of ["a", "e", "z"]) {
          expect(layered.get(key)).toBe(expected.get(key));
          expect(layered.has(key)).toBe(expected.has(key));
        }
        expect([...base]).toEqual([...new Map(below)]);
        expect(layered.settle()).toBe(base);
        expect([...base]).toEqual([...expected]);
      }),
    );
  });
});
