/**
 * The part of Echoquorum's REST API that the local network itself uses: the same requests that any
 * user would make, with the admin token.
 */

/** Deadline of one request unless the caller says otherwise, in milliseconds. */
const REQUEST_TIMEOUT_MS = 15_000;

/** A field that the API found wrong. */
export interface FieldError {
  field: string;
  message: string;
}

/** The API refused a request, or failed. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly errors: FieldError[];

  constructor(status: number, message: string, errors: FieldError[]) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

/** What has an id of its own in the configuration. */
export type Collection = "monitors" | "channels" | "maintenances" | "pages";

/** Requests to one Echoquorum. */
export class ApiClient {
  readonly #url: string;
  readonly #token: string;

  /** @param url address of the status page, with a slash at its end */
  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /**
   * Makes a request.
   *
   * @throws ApiError for any answer but a 2xx
   */
  async request(
    method: string,
    path: string,
    body?: unknown,
    timeoutMs = REQUEST_TIMEOUT_MS,
  ): Promise<unknown> {
    const response = await fetch(new URL(path, this.#url), {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    if (!response.ok) throw readProblem(response.status, text);
    return text === "" ? null : (JSON.parse(text) as unknown);
  }

  /** Everything of a collection. */
  async list(collection: Collection): Promise<Array<{ id: string; name: string }>> {
    const answer = await this.request("GET", `api/v1/${collection}`);
    return answer as Array<{ id: string; name: string }>;
  }

  async create(collection: Collection, definition: object): Promise<void> {
    await this.request("POST", `api/v1/${collection}`, definition);
  }

  /** Replaces a whole definition. */
  async replace(collection: Collection, id: string, definition: object): Promise<void> {
    await this.request("PUT", `api/v1/${collection}/${id}`, { ...definition, id });
  }

  /** Changes some fields. */
  async change(collection: Collection, id: string, fields: object): Promise<void> {
    await this.request("PATCH", `api/v1/${collection}/${id}`, fields);
  }
}

function readProblem(status: number, text: string): ApiError {
  try {
    const problem = JSON.parse(text) as {
      title?: string;
      detail?: string;
      errors?: FieldError[];
    };
    const message = problem.detail ?? problem.title ?? `status ${status}`;
    return new ApiError(status, message, problem.errors ?? []);
  } catch {
    return new ApiError(status, `status ${status}`, []);
  }
}
