/** How forms look: those of subscriptions, and what others share with them. */
import { css } from "./stylesheet-tokens.ts";

/** Styles of forms. */
export const FORM_STYLES = css`
  .ask,
  .feeds {
    padding: 24px;
    margin-top: 16px;
  }
  .feeds {
    margin-top: 0;
  }
  .feeds ul {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 24px;
    margin-top: 8px;
  }
  .feeds a {
    display: inline-block;
    padding: 4px 0;
  }
  fieldset {
    border: 0;
    padding: 0;
    min-width: 0;
  }
  fieldset + fieldset {
    margin-top: 28px;
  }
  legend {
    padding: 0;
    margin-bottom: 10px;
    font-weight: 600;
    font-size: 17px;
  }
  .way,
  .about > .pick,
  .some {
    border: 1px solid var(--line);
    border-radius: 12px;
    padding: 0 16px;
  }
  .way + .way,
  .some {
    margin-top: 8px;
  }
  .way:has(> .pick :checked),
  .about > .pick:has(:checked),
  .some:has(> .pick :checked) {
    border-color: var(--link);
    box-shadow: inset 0 0 0 1px var(--link);
  }
  .pick {
    display: flex;
    gap: 12px;
    align-items: center;
    min-height: 48px;
    padding-block: 8px;
    line-height: 1.35;
    cursor: pointer;
    font-weight: 500;
    overflow-wrap: anywhere;
  }
  .pick input {
    flex: none;
    width: 18px;
    height: 18px;
    accent-color: var(--link);
  }
  .address {
    padding-bottom: 16px;
  }
  .address label {
    display: block;
    font-size: 14px;
    margin-bottom: 4px;
  }
  .address input {
    width: 100%;
    font: inherit;
    color: inherit;
    background: var(--page);
    border: 1px solid var(--quiet);
    border-radius: 8px;
    padding: 10px 12px;
  }
  .address input[aria-invalid] {
    border-color: var(--tone);
  }
  .address input::placeholder {
    color: var(--quiet);
    opacity: 1;
  }
  .address .quiet {
    font-size: 14px;
    margin-top: 6px;
  }
  .choices {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(220px, 1fr));
    gap: 0 24px;
    padding-bottom: 12px;
    padding-inline-start: 30px;
  }
  .choices .pick {
    font-weight: 400;
    min-height: 36px;
    padding-block: 4px;
  }
  .choices input {
    width: 16px;
    height: 16px;
  }
  @supports selector(:has(*)) {
    .way:not(:has(> .pick :checked)) .address,
    .some:not(:has(> .pick :checked)) .choices {
      display: none;
    }
  }
  .trap {
    position: absolute;
    inset-inline-start: -9999px;
  }
  button {
    font: inherit;
    font-weight: 600;
    color: var(--card);
    background: var(--link);
    border: 1px solid var(--link);
    border-radius: 10px;
    padding: 11px 22px;
    cursor: pointer;
  }
  button:hover {
    filter: brightness(1.12);
  }
  .ask button {
    margin-top: 24px;
  }
  .question,
  .end {
    margin-top: 20px;
  }
  .soft {
    color: var(--ink);
    background: none;
    border-color: var(--quiet);
  }
  .complaint {
    display: flex;
    gap: 8px;
    align-items: center;
    color: var(--tone-ink);
    background: var(--tint);
    border-inline-start: 4px solid var(--tone);
    border-radius: 8px;
    padding: 10px 14px;
    margin-bottom: 20px;
    font-size: 14px;
    font-weight: 500;
  }
  @media (max-width: 640px) {
    .ask,
    .feeds {
      padding: 16px;
    }
    .ask button,
    .question button,
    .end button {
      width: 100%;
    }
    .choices {
      padding-inline-start: 0;
    }
  }
`;
