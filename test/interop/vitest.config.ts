/**
 * How `npm run test:interop` runs: the product beside programs that npm does not carry. They must be
 * installed; a missing one is a failure, nothing is skipped.
 */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: ["test/interop/**/*.interop.ts"],
    environment: "node",
    testTimeout: 60_000,
    hookTimeout: 120_000,
    unstubEnvs: true,
    sequence: { shuffle: true },
  },
});
