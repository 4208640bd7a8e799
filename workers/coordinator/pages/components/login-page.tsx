/** The page on which a visitor of a private page signs in. Complete without script. */
import type { AssetPaths } from "../assets/assets.ts";
import { Layout } from "./layout.tsx";
import { useHref, useWords } from "./page-language.tsx";
import { ToneIcon } from "./tone-icon.tsx";

/** What is wrong with the attempt before. */
export type LoginComplaint = "wrong" | "tooMany";

interface LoginPageProps {
  /** Where the visitor wanted to go: a path of this site. */
  next: string;
  /** Whether there is a password; else only a token. */
  hasPassword: boolean;
  complaint: LoginComplaint | null;
  assets: AssetPaths;
}

/** The page. */
export const LoginPage = ({ next, hasPassword, complaint, assets }: LoginPageProps) => {
  const t = useWords().t.login;
  return (
    <Layout
      title={t.title}
      description={t.detail}
      tone="unknown"
      assets={assets}
      refreshMs={null}
      unlisted
      bare
    >
      <form class="card login" method="post" action={useHref()("/login")}>
        <h1>{t.title}</h1>
        <p class="quiet">{t.detail}</p>
        <input type="hidden" name="next" value={next} />
        <label for="secret">{hasPassword ? t.password : t.token}</label>
        <input
          id="secret"
          name="secret"
          type="password"
          autocomplete="current-password"
          required
          autofocus
          aria-invalid={complaint === null ? undefined : "true"}
          aria-describedby={complaint === null ? undefined : "complaint"}
        />
        {complaint === null ? null : (
          <p id="complaint" class="complaint tone-down" role="alert">
            <ToneIcon tone="down" />
            {t[complaint]}
          </p>
        )}
        <button>{t.submit}</button>
      </form>
    </Layout>
  );
};
