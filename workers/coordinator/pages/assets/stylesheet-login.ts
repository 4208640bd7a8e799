/** How the form looks with which visitors of a private page sign in. */
import { css } from "./stylesheet-tokens.ts";

/** Styles of the form. */
export const LOGIN_STYLES = css`
  .login {
    display: grid;
    gap: 8px;
    max-width: 400px;
    margin: 48px auto;
    padding: 28px;
  }
  .login h1 {
    font-size: 22px;
    letter-spacing: -0.01em;
  }
  .login label {
    margin-top: 12px;
    font-weight: 600;
  }
  .login input,
  .login button {
    padding: 10px 14px;
  }
  .login input {
    font: inherit;
    border-radius: 10px;
    min-width: 0;
    border: 1px solid var(--quiet);
    background: var(--page);
    color: var(--ink);
  }
  .login [aria-invalid] {
    border-color: var(--tone, #d62c3b);
  }
  .login button {
    margin-top: 12px;
    border: 0;
    background: var(--accent, var(--ink));
    color: var(--on-accent, var(--card));
  }
`;
