/** A bounded part of the fuzzing; see `fuzz.ts` for a million inputs. */
import { expect, it } from "vitest";
import { fuzz } from "./fuzz.ts";

const COUNT = Number(process.env["FUZZ_COUNT"] ?? 20_000);

it(
  `survives ${COUNT} mutated conversations, and reports each the same in any split`,
  { timeout: 60_000 + COUNT },
  () => {
    expect(() => {
      for (let seed = 1; seed <= COUNT; seed += 1) fuzz(seed);
    }).not.toThrow();
  },
);
