/** Channels for tests of the API. */
import type { Channel } from "../../workers/coordinator/channels/channel.ts";
import { openChannel } from "../../workers/coordinator/channels/stored-channel.ts";
import { loadChannel } from "../../workers/coordinator/db/channel-store.ts";
import { SealingKeys } from "../../workers/sealing.ts";
import type { TestApi } from "./api-client.ts";
import { SEALING_KEY } from "./api-client.ts";

/** Where channels are. */
export const CHANNELS = "/api/v1/channels";
/** A secret of one's own. */
export const SECRET = `whsec_${btoa("0123456789abcdef0123456789abcdef")}`;
/** Channels as they are declared. */
export const HOOK = {
  name: "On call",
  kind: "webhook",
  settings: { url: "https://a.example/hook" },
};
export const SLACK = {
  name: "Team",
  kind: "slack",
  settings: { url: "https://hooks.slack.com/services/T0/B0/XXXX" },
};

/** A channel as it is stored, opened; null: there is none. */
export async function storedChannel(api: TestApi, id: string): Promise<Channel | null> {
  const sealed = await loadChannel(api.database.db, id);
  return sealed === null ? null : openChannel(sealed, new SealingKeys(SEALING_KEY));
}
