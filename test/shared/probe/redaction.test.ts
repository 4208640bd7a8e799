/** What is kept out of transcripts and messages. */
import { describe, expect, it } from "vitest";
import { createRedactor, redactQuery } from "../../../shared/probe/redaction.ts";

const redactor = createRedactor({
  url: "wss://chat.example.com/socket?token=s3cr%2Ft-token&room=7",
  headers: [
    ["Authorization", "Bearer eyJhbGciOi.payload.sig"],
    ["X-Api-Key", "key-4711"],
    ["X-Flag", "1"],
  ],
});

describe("redaction", () => {
  it("keeps a head's shape and hides every value that the monitor set", () => {
    const head = [
      "GET /socket?token=s3cr%2Ft-token&room=7 HTTP/1.1",
      "Host: chat.example.com",
      "Authorization: Bearer eyJhbGciOi.payload.sig",
      "x-api-key: key-4711",
      "X-Flag: 1",
      "",
      "",
    ].join("\r\n");
    expect(redactor.head(head)).toBe(
      [
        "GET /socket?token=[redacted]&room=[redacted] HTTP/1.1",
        "Host: chat.example.com",
        "Authorization: [redacted]",
        "x-api-key: [redacted]",
        "X-Flag: [redacted]",
        "",
        "",
      ].join("\r\n"),
    );
  });

  it("hides credentials of the server, and queries of the places it points to", () => {
    const head =
      "HTTP/1.1 302 Found\r\nSet-Cookie: session=abc; Path=/\r\n" +
      "Location: https://login.example.com/?return=abc\r\n\r\n";
    expect(redactor.head(head)).toBe(
      "HTTP/1.1 302 Found\r\nSet-Cookie: [redacted]\r\n" +
        "Location: https://login.example.com/?return=[redacted]\r\n\r\n",
    );
  });

  it.each([
    ["a header value", "you sent key-4711"],
    ["a token without its scheme", "bad token eyJhbGciOi.payload.sig"],
    ["a query value", "token s3cr%2Ft-token expired"],
    ["a decoded query value", "token s3cr/t-token expired"],
  ])("hides %s wherever the server repeats it", (_what, text) => {
    expect(redactor.text(text)).toContain("[redacted]");
    expect(redactor.text(text)).not.toMatch(/4711|eyJ|s3cr/);
  });

  it("hides the beginning of a secret at which a text was cut", () => {
    expect(redactor.text("your token is s3cr/t-to")).toBe("your token is [redacted]");
  });

  it("leaves short values and schemes alone in ordinary text", () => {
    expect(redactor.text("room 7 of 10, Bearer required")).toBe("room 7 of 10, Bearer required");
  });

  it("keeps the names in a query", () => {
    expect(redactQuery("/ws?a=1&flag&b=#x")).toBe("/ws?a=[redacted]&flag&b=[redacted]#x");
  });
});
