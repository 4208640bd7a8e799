import { describe, expect, it } from "vitest";
import { encodeCsv } from "../../../../workers/coordinator/api/csv.ts";

describe("CSV", () => {
  it("has a header and a line per record, each ended by CR LF", () => {
    expect(
      encodeCsv(
        ["a", "b"],
        [
          [1, "x"],
          [null, 2.5],
        ],
      ),
    ).toBe("a,b\r\n1,x\r\n,2.5\r\n");
  });

  it("quotes what would be taken for its own marks", () => {
    expect(encodeCsv(["a"], [["x,y"], ['say "so"'], ["two\nlines"]])).toBe(
      'a\r\n"x,y"\r\n"say ""so"""\r\n"two\nlines"\r\n',
    );
  });

  it("lets no text be taken for a formula", () => {
    for (const text of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"]) {
      expect(encodeCsv(["a"], [[text]])).toBe(`a\r\n'${text}\r\n`);
    }
    expect(encodeCsv(["a"], [["\r=1"]])).toBe('a\r\n"\'\r=1"\r\n');
    expect(encodeCsv(["a"], [[-1]])).toBe("a\r\n-1\r\n");
  });
});
