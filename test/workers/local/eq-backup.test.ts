/** `eq backup` and `eq restore` between two networks as `npm start` runs them. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runCommand, startCommand } from "../../support/command.ts";

const folder = mkdtempSync(join(tmpdir(), "echoquorum-backup-"));
const running: Array<ReturnType<typeof startCommand>> = [];
afterAll(() => {
  for (const { process: child } of running) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

async function start(name: string, ...args: string[]) {
  const data = join(folder, name);
  const command = startCommand("main.ts", ["--port", "0", "--data", data, "--no-demo", ...args]);
  running.push(command);
  const [, url = ""] = await command.line(/^ready (http:\S+)$/m);
  return { command, url, token: readFileSync(join(data, "admin-token"), "utf8").trim() };
}

function eq(action: string, file: string, { url, token }: { url: string; token: string }) {
  return runCommand("eq.ts", [action, file, "--url", url, "--token", token]);
}

async function get(path: string, { url, token }: { url: string; token: string }) {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(new URL(path, url), {
    headers,
    signal: AbortSignal.timeout(10_000),
  });
  return (await response.json()) as unknown[];
}

describe("eq backup and eq restore", { timeout: 180_000 }, () => {
  it("carry a configuration over, in a file that only its owner may read", async () => {
    const config = join(folder, "network.json");
    const monitor = { name: "Chat", url: "ws://127.0.0.1:9/", headers: { "X-Key": "s3cret" } };
    const channel = { name: "Hook", kind: "webhook", settings: { url: "https://hook.test/x" } };
    writeFileSync(config, JSON.stringify({ monitors: [monitor], channels: [channel] }));
    const first = await start("first", "--config", config);
    const file = join(folder, "all.backup");
    const backup = await eq("backup", file, first);
    expect(backup.code, backup.stderr).toBe(0);
    expect(backup.stdout).toContain("1 monitors, 1 channels");
    expect(backup.stdout).not.toContain("s3cret");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await eq("backup", file, first)).toMatchObject({ code: 3 });
    const wrong = await eq("backup", join(folder, "other.backup"), { ...first, token: "wrong" });
    expect(wrong).toMatchObject({ code: 3, stdout: "" });
    expect(wrong.stderr).toContain("The token is not the one");
    expect(readFileSync(file, "utf8")).toContain("https://hook.test/x");
    const monitors = await get("api/v1/monitors", first);
    const channels = await get("api/v1/channels", first);
    first.command.process.kill("SIGTERM");
    await first.command.ended;

    const second = await start("second");
    const damaged = join(folder, "damaged.backup");
    writeFileSync(damaged, readFileSync(file, "utf8").replace("s3cret", "s3cref"));
    const refused = await eq("restore", damaged, second);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain("its checksum does not fit");
    const restored = await eq("restore", file, second);
    expect(restored.code, restored.stderr).toBe(0);
    expect(await get("api/v1/monitors", second)).toEqual(monitors);
    expect(await get("api/v1/channels", second)).toEqual(channels);
    const again = await eq("restore", file, second);
    expect(again.code).toBe(3);
    expect(again.stderr).toContain("This network has a configuration already");
    expect(second.command.output()).not.toContain("s3cret");
  });
});
