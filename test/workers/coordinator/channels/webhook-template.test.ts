import { describe, expect, it } from "vitest";
import { sampleMessages } from "../../../../shared/alert/sample-message.ts";
import { renderPayload } from "../../../../workers/coordinator/channels/webhook-payload.ts";
import {
  findTemplateMistakes,
  renderTemplate,
} from "../../../../workers/coordinator/channels/webhook-template.ts";
import { OUTAGE_AT_MS, firedDelivery } from "../../../support/alert-facts.ts";

const fired = firedDelivery().message;
const text = (body: string) => ({ contentType: "text/plain", body });
const json = (body: string) => ({ contentType: "application/json", body });
const render = (body: string, message = fired) =>
  renderTemplate(text(body), renderPayload("chat_1_hook", message));

describe("a template", () => {
  it.each([
    ["{{title}}", "Chat is down in 3 of 4 regions"],
    ["{{ title }}!", "Chat is down in 3 of 4 regions!"],
    ["{{id}} {{type}} {{version}}", "chat_1_hook incident.fired 1"],
    ["{{monitor.name}} in {{monitor.group}}", "Chat in Public"],
    ["{{incident.endedAt}}", ""],
    ["{{#incident}}since {{startedAt}}{{/incident}}", "since 2026-11-20T14:02:11.000Z"],
    ["{{#timeline}}{{text}}{{/timeline}}{{^timeline}}none{{/timeline}}", "none"],
    [
      "{{#regions}}{{region}}:{{status}} {{/regions}}",
      "us-east:down sa-east:down eu-central:down ap-southeast:up ",
    ],
    ["{{#regions}}{{monitor.id}}{{/regions}}", "chatchatchatchat"],
    ["a < b & c", "a < b & c"],
    ["{ {a} }", "{ {a} }"],
  ])("%s gives %s", (body, rendered) => {
    expect(findTemplateMistakes(text(body))).toEqual([]);
    expect(render(body)).toBe(rendered);
  });

  it("escapes values for JSON, so that no text can add fields", () => {
    const template = json('{"text":"{{title}}"}');
    const message = { ...fired, title: 'a","admin":true,"b":"\n\\' };
    const rendered = renderTemplate(template, renderPayload("x", message));
    expect(JSON.parse(rendered)).toEqual({ text: message.title });
  });

  it("finds nothing that its own payload does not have", () => {
    expect(render("{{monitor.labels.team}}", fired)).toBe("");
    expect(render("{{#incident}}{{kind}}{{/incident}}")).toBe("down");
  });

  it("is rendered for every message that may come", () => {
    const body = '{"t":"{{title}}","r":[{{#regions}}{"n":"{{label}}"},{{/regions}}null]}';
    expect(findTemplateMistakes(json(body))).toEqual([]);
    for (const message of sampleMessages(OUTAGE_AT_MS)) {
      const rendered = renderTemplate(json(body), renderPayload("x", message));
      expect(JSON.parse(rendered)).toMatchObject({ t: message.title });
    }
  });
});

describe("a template with a mistake is refused", () => {
  it.each([
    ["{{titel}}", "expected the name of a field of the payload, not {{titel}}"],
    [
      "{{#regions}}{{colour}}{{/regions}}",
      "expected the name of a field of the payload, not {{colour}}",
    ],
    ["{{constructor}}", "expected the name of a field of the payload, not {{constructor}}"],
    ["{{#regions}}{{label}}", "expected {{/regions}} at its end"],
    ["{{/regions}}", "expected no {{/regions}} here"],
    ["{{#regions}}{{#incident}}{{/regions}}{{/incident}}", "expected no {{/regions}} here"],
    ["{{}}", "expected a name, not {{}}"],
    ["{{title", "expected tags such as {{title}}: {{ without a name and }} is none"],
  ])("%s: %s", (body, mistake) => {
    expect(findTemplateMistakes(text(body))).toEqual([mistake]);
  });

  it("as JSON when it is none for some message", () => {
    expect(findTemplateMistakes(json('{"since":{{incident.durationSeconds}}}'))).toEqual([
      "expected JSON, which it is not for a message that is fired",
    ]);
    expect(findTemplateMistakes(json("hello"))).toHaveLength(1);
    expect(findTemplateMistakes({ ...json("[1]"), contentType: "application/vnd.x+json" })).toEqual(
      [],
    );
  });
});
