/** The object's copy of the pages' settings: what D1 had last, and nothing else. */
import { beforeEach, describe, expect, it } from "vitest";
import { PageCopy } from "../../../../workers/coordinator/object/page-copy.ts";

let inD1: string[] | Error;
let kept: Map<string, unknown>;
let isFull: boolean;
let writes: number;

beforeEach(() => {
  [inD1, kept, isFull, writes] = [["one"], new Map(), false, 0];
});

const copyOf = () =>
  new PageCopy({
    load: async () => {
      if (inD1 instanceof Error) throw inD1;
      return inD1;
    },
    get: async (key) => kept.get(key),
    put: async (key, value) => {
      if (isFull) throw new Error("the storage refuses");
      writes += 1;
      kept.set(key, value);
    },
  });

describe("the copy of the pages' settings", () => {
  it("is what D1 had last, in another life of the object too", async () => {
    const copy = copyOf();
    expect(await copy.get()).toBeNull();
    await copy.refresh();
    inD1 = new Error("D1 is away");
    await expect(copy.refresh()).rejects.toThrow("away");
    expect(await copy.get()).toEqual(["one"]);
    expect(await copyOf().get()).toEqual(["one"]);
  });

  it("is written when there is something new, and until it is written", async () => {
    const copy = copyOf();
    isFull = true;
    await expect(copy.refresh()).rejects.toThrow("refuses");
    isFull = false;
    await copy.refresh();
    await copy.refresh();
    expect(writes).toBe(1);
    inD1 = [];
    await copy.refresh();
    expect([writes, await copyOf().get()]).toEqual([2, []]);
  });
});
