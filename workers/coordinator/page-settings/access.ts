/**
 * Who may see a private page: whoever knows its password or its token. Neither is stored: of a
 * password a salted slow hash is, of a token, which nobody can guess, a plain one.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { z } from "zod";
import { REDACTED } from "../channels/channel-view.ts";
import { isEqualSecret } from "../equality.ts";

/**
 * Rounds of PBKDF2-HMAC-SHA-256 (RFC 8018 §5.2). OWASP asks for 600,000, and for 100 ms of CPU
 * time that no Worker of the free plan has: it ends a request after 10 ms. This many take 4 to 5 ms.
 * What they lack against whoever steals the database, a limit of attempts per minute makes up for
 * against whoever does not. The number is stored with each hash, so that it can be raised.
 */
const PASSWORD_ROUNDS = 25_000;
const SALT_BYTES = 16;
const HASH_BITS = 256;

/** Shortest password, and shortest token: one that is random cannot be guessed. */
const PASSWORD_CHARACTERS_MIN = 8;
const TOKEN_CHARACTERS_MIN = 20;

const passwordSchema = z
  .string()
  .max(200)
  .refine(
    (text) => text === REDACTED || text.length >= PASSWORD_CHARACTERS_MIN,
    `expected at least ${PASSWORD_CHARACTERS_MIN} characters`,
  );
const tokenSchema = z
  .string()
  .max(200)
  .refine(
    (text) =>
      text === REDACTED || (text.length >= TOKEN_CHARACTERS_MIN && /^[A-Za-z0-9._~-]+$/.test(text)),
    `expected at least ${TOKEN_CHARACTERS_MIN} random characters of A-Z, a-z, 0-9 and ._~-`,
  );

/** Access as it is declared and shown. */
export const accessSchema = z
  .union([
    z.literal("public"),
    z
      .strictObject({ password: passwordSchema.optional(), token: tokenSchema.optional() })
      .refine(
        ({ password, token }) => password !== undefined || token !== undefined,
        "expected a password, a token or both",
      ),
  ])
  .default("public");

/** Access as it is declared. */
export type DeclaredAccess = z.output<typeof accessSchema>;

/** Access as it is stored; null: everybody has it. */
export const storedAccessSchema = z
  .strictObject({
    password: z.strictObject({ rounds: z.int(), salt: z.string(), hash: z.string() }).nullable(),
    /** SHA-256, hexadecimal. */
    token: z.string().nullable(),
  })
  .nullable()
  .default(null);

/** Access as it is stored. */
export type StoredAccess = z.output<typeof storedAccessSchema>;
type StoredPassword = NonNullable<NonNullable<StoredAccess>["password"]>;

/** What may be shown of stored access. */
export function renderAccess(access: StoredAccess): DeclaredAccess {
  if (access === null) return "public";
  return {
    ...(access.password === null ? {} : { password: REDACTED }),
    ...(access.token === null ? {} : { token: REDACTED }),
  };
}

/** What is to be stored, or the field that repeats what stands for a secret where none is stored. */
export async function sealAccess(
  declared: DeclaredAccess,
  stored: StoredAccess,
): Promise<{ access: StoredAccess } | { repeated: "password" | "token" }> {
  if (declared === "public") return { access: null };
  const { password, token } = declared;
  if (password === REDACTED && !stored?.password) return { repeated: "password" };
  if (token === REDACTED && !stored?.token) return { repeated: "token" };
  return {
    access: {
      password: await sealPassword(password, stored?.password ?? null),
      token: token === REDACTED ? (stored?.token ?? null) : await sealToken(token),
    },
  };
}

async function sealPassword(
  password: string | undefined,
  stored: StoredPassword | null,
): Promise<StoredPassword | null> {
  if (password === undefined) return null;
  if (password === REDACTED) return stored;
  // The same password keeps its hash, and with it those who are signed in.
  if (stored !== null && (await isPassword(stored, password))) return stored;
  const salt = bytesToHex(crypto.getRandomValues(new Uint8Array(SALT_BYTES)));
  return { rounds: PASSWORD_ROUNDS, salt, hash: await stretch(password, salt, PASSWORD_ROUNDS) };
}

async function sealToken(token: string | undefined): Promise<string | null> {
  return token === undefined ? null : hashToken(token);
}

async function hashToken(token: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return bytesToHex(new Uint8Array(digest));
}

async function stretch(password: string, salt: string, rounds: number): Promise<string> {
  const text = new TextEncoder().encode(password.normalize("NFC"));
  const key = await crypto.subtle.importKey("raw", text, "PBKDF2", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits(
    {
      name: "PBKDF2",
      hash: "SHA-256",
      salt: new Uint8Array(hexToBytes(salt)),
      iterations: rounds,
    },
    key,
    HASH_BITS,
  );
  return bytesToHex(new Uint8Array(bits));
}

async function isPassword({ rounds, salt, hash }: StoredPassword, password: string) {
  return isEqualSecret(await stretch(password, salt, rounds), hash);
}

/** Whether a text is the page's token. */
export async function isToken(access: StoredAccess, token: string): Promise<boolean> {
  const hash = access?.token ?? null;
  return hash !== null && isEqualSecret(await hashToken(token), hash);
}

/** Whether a text that somebody typed opens the page: as its token or its password. */
export async function opens(access: StoredAccess, typed: string): Promise<boolean> {
  if (await isToken(access, typed)) return true;
  const password = access?.password ?? null;
  return password !== null && isPassword(password, typed);
}
