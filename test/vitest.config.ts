/** How `npm test` runs: every file by itself, in Node 24, no order between tests. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** They compare moments with those of a server: nothing else may run beside them. */
const TO_THE_MILLISECOND = ["test/workers/probe/timings.test.ts"];

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    environment: "node",
    testTimeout: 30_000,
    hookTimeout: 60_000,
    unstubEnvs: true,
    sequence: { shuffle: true },
    projects: [
      {
        extends: true,
        test: {
          name: "all",
          include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
          exclude: TO_THE_MILLISECOND,
          // Many tests wait for real sockets and timers: a second one uses that time.
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: "timed",
          include: TO_THE_MILLISECOND,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
