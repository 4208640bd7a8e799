/**
 * Bearer tokens (RFC 6750): who may use the API.
 *
 * There is one token, a secret of the Worker.
 */
import type { MiddlewareHandler } from "hono";
import type { Env } from "../env.ts";
import { isEqualSecret } from "../equality.ts";
import { ProblemError } from "./problem.ts";

/** What a request's `Authorization` header amounts to. */
export type Access = "granted" | "refused" | "anonymous" | "not_configured";

const CHALLENGE = { "www-authenticate": 'Bearer realm="echoquorum"' };
const INVALID_TOKEN = {
  "www-authenticate": 'Bearer realm="echoquorum", error="invalid_token"',
};

/** Decides on a request's `Authorization` header. */
export async function decideAccess(
  authorization: string | undefined,
  adminToken: string | undefined,
): Promise<Access> {
  if (adminToken === undefined || adminToken === "") return "not_configured";
  if (authorization === undefined) return "anonymous";
  const token = /^bearer +(\S+) *$/i.exec(authorization)?.[1];
  return token !== undefined && (await isEqualSecret(token, adminToken)) ? "granted" : "refused";
}

/** Lets only requests with the token through. */
export function bearerAuth(): MiddlewareHandler<{ Bindings: Env }> {
  return async (context, next) => {
    const { ECHOQUORUM_ADMIN_TOKEN: adminToken } = context.env;
    refuseUnlessGranted(await decideAccess(context.req.header("authorization"), adminToken));
    await next();
  };
}

/** @throws ProblemError that says what to do */
export function refuseUnlessGranted(access: Access): void {
  switch (access) {
    case "granted":
      return;
    case "not_configured":
      throw new ProblemError(
        "not-configured",
        "No token is set. Choose one with `npx wrangler secret put ECHOQUORUM_ADMIN_TOKEN " +
          "--env coordinator`; the API answers as soon as that is done.",
      );
    case "anonymous":
      throw new ProblemError(
        "unauthorized",
        "Send the header `Authorization: Bearer <ECHOQUORUM_ADMIN_TOKEN>`.",
        { headers: CHALLENGE },
      );
    case "refused":
      throw new ProblemError(
        "unauthorized",
        "The token is not the one that was set as ECHOQUORUM_ADMIN_TOKEN.",
        { headers: INVALID_TOKEN },
      );
  }
}
