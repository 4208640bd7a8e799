/** The pages on which somebody subscribes, changes that, and ends it. Complete without script. */
import type { Child } from "hono/jsx";
import type { AssetPaths } from "../assets/assets.ts";
import { fill } from "../language/words.ts";
import type {
  ComplaintView,
  ManageView,
  ServicesView,
  SubscribeView,
  WayView,
} from "../view-model/subscription.ts";
import type { Tone } from "../view-model/words.ts";
import { Banner } from "./headline.tsx";
import { Layout } from "./layout.tsx";
import { useHref, useWords } from "./page-language.tsx";

interface FrameProps {
  title: string;
  detail: string;
  tone: Tone;
  assets: AssetPaths;
  children?: Child;
}

/** A page of these: not to be found by search engines. */
export const SubscriptionFrame = ({ title, detail, tone, assets, children }: FrameProps) => (
  <Layout title={title} description={detail} tone={tone} assets={assets} refreshMs={null} unlisted>
    <Banner tone={tone} title={title} detail={detail} view={null} />
    {children}
  </Layout>
);

/** The page on which to subscribe. */
export const SubscribePage = ({ view, assets }: { view: SubscribeView; assets: AssetPaths }) => {
  const t = useWords().t.subscribe;
  const href = useHref();
  const isOffered = view.ways.length > 0;
  return (
    <SubscriptionFrame
      title={t.title}
      detail={isOffered ? t.detail : t.notOffered}
      tone="maintenance"
      assets={assets}
    >
      {isOffered ? (
        <form class="card ask" method="post" action={href("/subscriptions")}>
          <Complaint complaint={view.complaint} />
          <Ways view={view} />
          <Services services={view.services} />
          <p class="trap" aria-hidden="true">
            <label>
              Website <input name="website" tabindex={-1} autocomplete="off" />
            </label>
          </p>
          <button>{t.submit}</button>
        </form>
      ) : null}
      <Feeds />
    </SubscriptionFrame>
  );
};

const Complaint = ({ complaint }: { complaint: ComplaintView | null }) =>
  complaint === null ? null : (
    <p class="complaint tone-down" role="alert" id="complaint">
      {complaint.text}
    </p>
  );

/** Input types by which phones offer the right keys. */
const INPUTS: Readonly<Record<WayView, { type: string; autocomplete: string; example: string }>> = {
  email: { type: "email", autocomplete: "email", example: "name@example.com" },
  webhook: { type: "url", autocomplete: "off", example: "https://example.com/status" },
  slack: { type: "url", autocomplete: "off", example: "https://hooks.slack.com/services/…" },
};

const Ways = ({ view }: { view: SubscribeView }) => {
  const t = useWords().t.subscribe;
  const isWrong = view.complaint?.about === "target";
  return (
    <fieldset class="ways">
      <legend>{t.how}</legend>
      {view.ways.map((way) => (
        <div class="way">
          <label class="pick">
            <input type="radio" name="kind" value={way} checked={way === view.chosenWay} />
            {t.kinds[way]}
          </label>
          <div class="address">
            <label for={`target-${way}`}>{t.addresses[way]}</label>
            <input
              id={`target-${way}`}
              name={way}
              type={INPUTS[way].type}
              autocomplete={INPUTS[way].autocomplete}
              placeholder={INPUTS[way].example}
              maxlength={2_048}
              dir="ltr"
              spellcheck={false}
              autocapitalize="none"
              value={way === view.chosenWay ? view.target : ""}
              aria-invalid={isWrong && way === view.chosenWay ? "true" : undefined}
              aria-describedby={`hint-${way}`}
            />
            <p class="quiet" id={`hint-${way}`}>
              {t.hints[way]}
            </p>
          </div>
        </div>
      ))}
      {view.ways.includes("email") ? null : <p class="quiet">{t.noEmail}</p>}
    </fieldset>
  );
};

const Services = ({ services }: { services: ServicesView }) => {
  const t = useWords().t.subscribe;
  return (
    <fieldset class="about">
      <legend>{t.about}</legend>
      <label class="pick">
        <input type="radio" name="services" value="all" checked={services.all} />
        {t.all}
      </label>
      {services.choices.length === 0 ? null : (
        <div class="some">
          <label class="pick">
            <input type="radio" name="services" value="some" checked={!services.all} />
            {t.some}
          </label>
          <ul class="choices">
            {services.choices.map(({ id, name, chosen }) => (
              <li>
                <label class="pick">
                  <input type="checkbox" name="monitor" value={id} checked={chosen} />
                  {name}
                </label>
              </li>
            ))}
          </ul>
        </div>
      )}
    </fieldset>
  );
};

const Feeds = () => {
  const t = useWords().t.subscribe;
  return (
    <section aria-labelledby="feeds-title">
      <h2 id="feeds-title">{t.feeds}</h2>
      <div class="card feeds">
        <p>{t.feedsDetail}</p>
        <ul>
          <li>
            <a href="/feed.rss">RSS</a>
          </li>
          <li>
            <a href="/feed.atom">Atom</a>
          </li>
          <li>
            <a href="/feed.json">JSON Feed</a>
          </li>
          <li>
            <a href="/maintenance.ics">{t.calendar}</a>
          </li>
        </ul>
      </div>
    </section>
  );
};

/** The page of one subscription: what it is about can be changed there, and it can be ended. */
export const ManagePage = ({ view, assets }: { view: ManageView; assets: AssetPaths }) => {
  const t = useWords().t.subscribe;
  const detail = fill(t.manageDetail, { address: view.address });
  return (
    <SubscriptionFrame
      title={view.done === null ? t.manageTitle : t[view.done]}
      detail={detail}
      tone={view.done === null ? "maintenance" : "operational"}
      assets={assets}
    >
      <form class="card ask" method="post" action={view.saveAt}>
        <Complaint complaint={view.complaint} />
        <Services services={view.services} />
        <button>{t.save}</button>
      </form>
      <form class="end" method="post" action={view.unsubscribeAt}>
        <button class="soft">{t.unsubscribe}</button>
      </form>
    </SubscriptionFrame>
  );
};

interface QuestionProps {
  title: string;
  detail: string;
  action: string;
  label: string;
  assets: AssetPaths;
}

/** A page that asks for one click, because programs open links by themselves. */
export const QuestionPage = ({ title, detail, action, label, assets }: QuestionProps) => (
  <SubscriptionFrame title={title} detail={detail} tone="maintenance" assets={assets}>
    <form class="question" method="post" action={action}>
      <button>{label}</button>
    </form>
  </SubscriptionFrame>
);

interface SaidProps {
  title: string;
  detail: string;
  tone: Tone;
  assets: AssetPaths;
}

/** A page that says what has become of it. */
export const SaidPage = ({ title, detail, tone, assets }: SaidProps) => (
  <SubscriptionFrame title={title} detail={detail} tone={tone} assets={assets}>
    <p class="back">
      <a href={useHref()("/")}>{useWords().t.page.allServices}</a>
    </p>
  </SubscriptionFrame>
);
