import { describe, expect, it } from "vitest";
import { isPrivateHost } from "../../../../workers/coordinator/channels/address.ts";

const isPrivate = (url: string) => isPrivateHost(new URL(url).hostname);

describe("an address that alerts may not be sent to", () => {
  it.each([
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://0.0.0.0/",
    "http://10.1.2.3/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data",
    "http://100.64.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://[::1]/",
    "http://[::]/",
    "http://[fe80::1]/",
    "http://[fd12:3456::1]/",
    "http://[ff02::1]/",
    "http://[2001:db8::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://[64:ff9b::192.168.0.1]/",
    "http://[2002:7f00:1::]/",
    "http://localhost/",
    "http://localhost./",
    "http://hook.localhost/",
    "http://printer.local/",
    "http://metadata.google.internal/",
    "http://router.home.arpa/",
    "http://intranet/",
  ])("%s", (url) => {
    expect(isPrivate(url)).toBe(true);
  });
});

describe("an address that alerts may be sent to", () => {
  it.each([
    "https://hooks.slack.com/services/T/B/x",
    "https://example.com./",
    "http://8.8.8.8/",
    "http://172.32.0.1/",
    "http://172.15.255.255/",
    "http://100.128.0.1/",
    "http://[2606:4700::1111]/",
    "http://[::ffff:8.8.8.8]/",
    "http://[64:ff9b::8.8.8.8]/",
    "https://localhost.example.com/",
  ])("%s", (url) => {
    expect(isPrivate(url)).toBe(false);
  });
});
