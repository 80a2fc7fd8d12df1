import type { Fetch } from "../environment";

const encoder = new TextEncoder();

/** One open stream, as the server holds it. */
export class ServerStream {
  readonly request: { readonly url: string; readonly headers: Headers };
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  readonly response: Response;
  closed = false;

  constructor(url: string, init: RequestInit | undefined) {
    this.request = { url, headers: new Headers(init?.headers) };
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => {
        this.closed = true;
      },
    });
    init?.signal?.addEventListener("abort", () => this.fail(init.signal?.reason));
    this.response = new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  }

  get cursor(): string | null {
    return this.request.headers.get("Last-Event-ID");
  }

  write(text: string | Uint8Array): void {
    if (!this.closed) this.#controller?.enqueue(typeof text === "string" ? encoder.encode(text) : text);
  }

  frame(event: string, data: unknown, id?: string): void {
    this.write(frameText(event, data, id));
  }

  end(): void {
    if (!this.closed) this.#controller?.close();
    this.closed = true;
  }

  fail(reason: unknown = new TypeError("network error")): void {
    if (!this.closed) this.#controller?.error(reason);
    this.closed = true;
  }
}

export const frameText = (event: string, data: unknown, id?: string): string =>
  `event: ${event}\n${id === undefined ? "" : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;

/** Answers each request with the next of the given answers, and with streams that the test writes to when there are no more. */
export class StreamServer {
  readonly streams: ServerStream[] = [];
  readonly answers: (() => Response | Promise<Response>)[] = [];
  requests = 0;

  readonly fetch: Fetch = async (url, init) => {
    this.requests += 1;
    const answer = this.answers.shift();
    if (answer !== undefined) return answer();
    const stream = new ServerStream(url, init);
    this.streams.push(stream);
    return stream.response;
  };

  /** The stream that was opened last. */
  get stream(): ServerStream {
    const stream = this.streams.at(-1);
    if (stream === undefined) throw new Error("no stream was opened");
    return stream;
  }
}

export const problem = (status: number, code: string, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify({ status, code, title: "Problem", detail: `It is ${code}.` }), {
    status,
    headers: { "Content-Type": "application/problem+json", ...headers },
  });
