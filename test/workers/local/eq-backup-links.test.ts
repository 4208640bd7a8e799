/** `eq backup` onto a file system that has no links. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { BackupWriter } from "../../../shared/backup-file.ts";
import { runBackup } from "../../../workers/local/eq/backup.ts";

vi.mock("node:fs", async (original) => ({
  ...(await original<typeof import("node:fs")>()),
  linkSync: () => {
    throw Object.assign(new Error("there are no links"), { code: "EPERM" });
  },
}));

it("is whole there too, and takes the place of no other file", async () => {
  vi.spyOn(console, "log").mockReturnValue();
  const folder = mkdtempSync(join(tmpdir(), "echoquorum-backup-"));
  const file = join(folder, "all.backup");
  const writer = new BackupWriter();
  const facts = { release: "1", createdAt: "2026-11-20", migration: "0", storage: 1 };
  const backup = writer.header(facts) + writer.end();
  let meanwhile: (() => void) | null = null;
  const server = createServer((_request, response) => {
    meanwhile?.();
    response.end(backup);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const run = () => runBackup([file, "--url", `http://127.0.0.1:${port}/`, "--token", "t"], folder);
  try {
    expect(await run()).toBe(0);
    expect(readFileSync(file, "utf8")).toBe(backup);
    rmSync(file);
    meanwhile = () => writeFileSync(file, "somebody else's");
    await expect(run()).rejects.toThrow("is there already");
    expect(readFileSync(file, "utf8")).toBe("somebody else's");
    expect(readdirSync(folder)).toEqual(["all.backup"]);
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
