import { act, render } from "@testing-library/react";
import { StrictMode } from "react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { GlobalSession } from "../session/context";
import { useGlobalSession } from "../session/context";
import { GlobalSessionProvider } from "../session/GlobalSessionProvider";
import { SessionClient } from "../sync/client";
import { FakeWorld } from "../sync/testing/environment";
import { FakeUpload } from "../sync/testing/uploads";
import { type ConnectionState, useConnection } from "./useConnection";
import { type ConversationState, useConversation } from "./useConversation";
import { type FilesState, useFiles } from "./useFiles";
import { type SessionState, useSession } from "./useSession";
import { useWorkflows, type WorkflowsState } from "./useWorkflows";

let complaints: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  window.history.replaceState(null, "", "/");
  complaints = vi.spyOn(console, "error");
});
afterEach(() => expect(complaints).not.toHaveBeenCalled());

interface Seen {
  global: GlobalSession;
  session: SessionState;
  guide: ConversationState;
  content: ConversationState;
  workflows: WorkflowsState;
  connection: ConnectionState;
  files: FilesState;
}

/** A page that shows nothing and lets the test look at every hook. */
class Page {
  readonly world: FakeWorld;
  readonly uploads: FakeUpload[] = [];
  readonly renders = { guide: 0, content: 0 };
  readonly seen = {} as Seen;
  #view: ReturnType<typeof render> | null = null;

  constructor(world = new FakeWorld()) {
    this.world = world;
  }

  async open(address = "/", inView = false): Promise<void> {
    window.history.replaceState(null, "", address);
    const newUpload = () => {
      const request = new FakeUpload();
      this.uploads.push(request);
      return request as unknown as XMLHttpRequest;
    };
    const client = new SessionClient({ environment: this.world.environment(undefined, { newUpload }) });
    const { seen, renders } = this;
    const Guide = () => {
      renders.guide += 1;
      seen.guide = useConversation("guide_agent", { inView });
      return null;
    };
    const Content = () => {
      renders.content += 1;
      seen.content = useConversation("content_liaison");
      return null;
    };
    const Others = () => {
      seen.global = useGlobalSession();
      seen.session = useSession();
      seen.workflows = useWorkflows();
      seen.connection = useConnection();
      seen.files = useFiles();
      return null;
    };
    this.#view = render(
      <StrictMode>
        <GlobalSessionProvider client={client}>
          <Guide />
          <Content />
          <Others />
        </GlobalSessionProvider>
      </StrictMode>,
    );
    await this.frame();
  }

  close(): void {
    this.#view?.unmount();
  }

  frame = (): Promise<void> => act(() => this.world.frame());

  /** Does something, and shows everything that follows from it. */
  does = async (what: () => unknown): Promise<void> => {
    await act(async () => {
      const done = what();
      await this.world.frame();
      await done;
    });
    await this.frame();
  };
}

async function page(address?: string, world?: FakeWorld, inView?: boolean) {
  const it = new Page(world);
  await it.open(address, inView);
  return it;
}

describe("the provider", () => {
  test("creates one session and opens one feed, in strict mode too, and puts it into the address", async () => {
    const { seen, world } = await page();
    expect(seen.session).toMatchObject({ status: "ready", problem: null, sessionId: "ses_1", stale: false });
    expect(world.server.count("POST", "/sessions")).toBe(1);
    expect(world.server.openFeeds).toBe(1);
    expect(window.location.pathname).toBe("/s/ses_1");
  });

  test("resumes the session that the address names, with its conversations and orchestrators", async () => {
    const world = new FakeWorld();
    const sessionId = world.server.create("First");
    world.server.create("Second");
    world.server.say(sessionId, "msg_1", "Welcome");
    const started = { orchestrator: "ContentAnalysisOrchestrator", operation: "o", title: "t" };
    world.server.append(sessionId, { type: "workflow.started", data: started, workflow_id: "wf_1" });
    const { seen } = await page(`/s/${sessionId}/content?chat`, world);
    expect(seen.session.session?.title).toBe("First");
    expect(seen.session.orchestratorStates.ContentAnalysisOrchestrator).toBe("processing");
    expect(seen.session.orchestratorContext.active_orchestrators).toHaveLength(1);
    expect(seen.session.conversations.guide_agent.messages).toMatchObject([{ content: "Welcome" }]);
    expect(seen.session.sessions.map((row) => row.title)).toEqual(["Second", "First"]);
    expect(window.location.pathname).toBe("/s/ses_1/content");
  });

  test("closes everything when it goes", async () => {
    const it = await page();
    it.close();
    await it.frame();
    expect(it.world.server.openFeeds).toBe(0);
    expect(it.world.signals.size).toBe(0);
  });

  test("says that the server cannot be reached, and tries again when asked", async () => {
    const world = new FakeWorld();
    world.server.reachable = false;
    const it = await page("/", world);
    expect(it.seen.session).toMatchObject({ status: "failed", problem: { code: "unreachable" } });
    world.server.reachable = true;
    await it.does(() => it.seen.session.restart());
    expect(it.seen.session).toMatchObject({ status: "ready", sessionId: "ses_1" });
  });

  test("creates, renames, switches and deletes sessions, and keeps the address in step", async () => {
    const { seen, does } = await page();
    await does(() => seen.session.createSession({ title: "Second" }));
    expect([seen.session.sessionId, window.location.pathname]).toEqual(["ses_2", "/s/ses_2"]);
    await does(() => seen.session.renameSession("ses_2", "Renamed"));
    expect(seen.session.session?.title).toBe("Renamed");
    await does(() => seen.session.switchSession("ses_1"));
    expect([seen.session.sessionId, window.location.pathname]).toEqual(["ses_1", "/s/ses_1"]);
    await does(() => seen.session.deleteSession("ses_1"));
    expect([seen.session.sessionId, window.location.pathname]).toEqual(["ses_2", "/s/ses_2"]);
    await does(() => seen.session.deleteSession("ses_2"));
    expect([seen.session.sessionId, window.location.pathname]).toEqual(["ses_3", "/s/ses_3"]);
    expect(seen.session.sessions.map((row) => row.session_id)).toEqual(["ses_3"]);
  });

  test("says that the address names another's session, keeps the address, and opens the newest when asked", async () => {
    const world = new FakeWorld();
    world.server.create("Mine");
    const { seen, does } = await page("/s/ses_of_another/insights", world);
    expect(seen.session).toMatchObject({ status: "failed", problem: { code: "session_not_found" }, sessionId: null });
    expect(seen.session.sessions.map((row) => row.title)).toEqual(["Mine"]);
    expect(window.location.pathname).toBe("/s/ses_of_another/insights");
    await does(() => seen.session.openNewest());
    expect(seen.session).toMatchObject({ status: "ready", problem: null, sessionId: "ses_1" });
    expect(window.location.pathname).toBe("/s/ses_1/insights");
    expect(world.server.sessions.size).toBe(1);
  });

  test("starts a new session in place of one that is not there, and goes back to one that is", async () => {
    const world = new FakeWorld();
    world.server.create("Mine");
    const { seen, does } = await page("/s/ses_of_another", world);
    await does(() => seen.session.createSession());
    expect(seen.session).toMatchObject({ status: "ready", sessionId: "ses_2" });
    const there = await page("/s/ses_of_another", world);
    window.history.replaceState(null, "", "/s/ses_1");
    await there.does(() => window.dispatchEvent(new PopStateEvent("popstate")));
    expect(there.seen.session).toMatchObject({ status: "ready", sessionId: "ses_1" });
  });

  test("follows the browser's back button", async () => {
    const { seen, does } = await page();
    await does(() => seen.session.createSession());
    window.history.replaceState(null, "", "/s/ses_1");
    await does(() => window.dispatchEvent(new PopStateEvent("popstate")));
    expect(seen.session.sessionId).toBe("ses_1");
  });

  test("keeps nothing in localStorage or sessionStorage", async () => {
    await page();
    expect([window.localStorage.length, window.sessionStorage.length]).toEqual([0, 0]);
  });
});

describe("useConversation", () => {
  test("sends, shows and confirms a message", async () => {
    const { seen, does } = await page();
    await does(() => seen.guide.send("Hello"));
    expect(seen.guide.messages).toMatchObject([{ content: "Hello", role: "user", seq: 2 }]);
  });

  test("an answer that streams renders its own conversation and no other", async () => {
    const { seen, does, renders, world } = await page();
    await does(() => world.server.say("ses_1", "msg_1", "", { status: "streaming" }));
    const { content } = renders;
    const data = { message_id: "msg_1", text: "word" };
    await does(() => world.server.append("ses_1", { type: "message.delta", data, conversation: "guide_agent" }));
    expect(seen.guide.messages[0]?.content).toBe("word");
    expect(renders.content).toBe(content);
  });

  test("knows the run that is going, and stops it", async () => {
    const { seen, does, world } = await page();
    expect(await seen.guide.stop()).toBeNull();
    await does(() =>
      world.server.append("ses_1", {
        type: "run.started",
        data: { message_id: "m" },
        conversation: "guide_agent",
        run_id: "run_7",
      }),
    );
    expect(seen.guide.run).toMatchObject({ run_id: "run_7", status: "queued" });
    expect(seen.content.run).toBeNull();
    await does(() => seen.guide.stop());
    expect(world.server.count("POST", "/sessions/ses_1/runs/run_7/cancel")).toBe(1);
    await does(() =>
      world.server.append("ses_1", { type: "run.finished", data: { status: "cancelled" }, run_id: "run_7" }),
    );
    expect(seen.guide.run).toBeNull();
    await does(() => seen.guide.retry("run_7"));
    expect(world.server.count("POST", "/sessions/ses_1/runs/run_7/retry")).toBe(1);
  });

  test("loads older messages", async () => {
    const world = new FakeWorld();
    const sessionId = world.server.create();
    for (let number = 1; number <= 60; number += 1) world.server.say(sessionId, `msg_${number}`, String(number));
    const { seen, does } = await page("/", world);
    expect([seen.guide.messages.length, seen.guide.hasMore]).toEqual([50, true]);
    await does(() => seen.guide.loadOlder());
    expect([seen.guide.messages.length, seen.guide.hasMore, seen.guide.loadingOlder]).toEqual([60, false, false]);
  });

  test("counts what is unread where nobody looks, and nothing where somebody does", async () => {
    const { seen, does, world } = await page("/", undefined, true);
    await does(() => world.server.say("ses_1", "msg_1", "seen"));
    await does(() => world.server.say("ses_1", "msg_2", "not seen", {}, "content_liaison"));
    expect([seen.guide.unread, seen.content.unread]).toEqual([0, 1]);
    await does(() => seen.content.markRead());
    expect(seen.content.unread).toBe(0);
  });
});

test("useWorkflows has the newest first, what is active, and starts and cancels", async () => {
  const { seen, does, world } = await page();
  const data = { orchestrator: "InsightsOrchestrator", operation: "o", title: "t" };
  for (const workflow_id of ["wf_1", "wf_2"]) {
    await does(() => world.server.append("ses_1", { type: "workflow.started", data, workflow_id }));
  }
  await does(() =>
    world.server.append("ses_1", { type: "workflow.finished", data: { status: "failed" }, workflow_id: "wf_2" }),
  );
  expect(seen.workflows.workflows.map((workflow) => workflow.workflow_id)).toEqual(["wf_2", "wf_1"]);
  expect(seen.workflows.active.map((workflow) => workflow.workflow_id)).toEqual(["wf_1"]);
  expect(seen.workflows.orchestratorStates.InsightsOrchestrator).toBe("processing");
  await does(() => seen.workflows.start("InsightsOrchestrator", "look", {}));
  await does(() => seen.workflows.cancel("wf_1"));
  expect(world.server.calls.slice(-2)).toEqual([
    "POST /sessions/ses_1/workflows",
    "POST /sessions/ses_1/workflows/wf_1/cancel",
  ]);
});

test("useConnection follows the feed, and tries again when asked", async () => {
  const { seen, does, world } = await page();
  expect(seen.connection).toMatchObject({ state: "live", stale: false, waiting: 0 });
  world.isOnline = false;
  world.server.reachable = false;
  await does(() => world.server.cut());
  await does(() => seen.guide.send("later"));
  expect(seen.connection).toMatchObject({ state: "offline", waiting: 1 });
  world.server.reachable = true;
  world.isOnline = true;
  await does(() => seen.connection.retryNow());
  await does(() => world.frame());
  expect(seen.connection).toMatchObject({ state: "live", waiting: 0 });
});

test("useFiles shows uploads on their way, and files as the session has them", async () => {
  const { seen, does, uploads, world } = await page();
  const chosen = [new File(["12345"], "a.csv")];
  let kept: unknown = null;
  await does(() => {
    seen.files.upload(chosen).then(
      (files) => {
        kept = files;
      },
      () => {},
    );
  });
  await does(() => uploads[0]?.upload.onprogress?.({ loaded: 1, total: 5 }));
  expect(seen.files.uploads).toMatchObject([{ names: ["a.csv"], sent: 1, status: "sending" }]);
  const file = { file_id: "file_1", name: "a.csv", media_type: "text/csv", size: 5, sha256: "ab" };
  await does(() => {
    world.server.append("ses_1", { type: "file.added", data: file });
    uploads[0]?.answer(201, { files: [file] });
  });
  expect(kept).toEqual([file]);
  expect([seen.files.uploads.length, seen.files.files[0]?.name]).toEqual([0, "a.csv"]);
  expect(seen.files.fileUrl("file_1")).toBe("/api/v1/sessions/ses_1/files/file_1/content");
  expect(seen.files.artifactUrl("art/1")).toBe("/api/v1/sessions/ses_1/artifacts/art%2F1");
});

test("useSession patches the general state on the server, and shows what came of it", async () => {
  const { seen, does } = await page();
  await does(() => seen.session.patchState({ view: { area: "content" } }));
  expect(seen.session.state).toEqual({ view: { area: "content" } });
});

test("a hook outside of the provider says what is missing", () => {
  complaints.mockImplementation(() => {});
  const Alone = () => {
    useSession();
    return null;
  };
  expect(() => render(<Alone />)).toThrow("GlobalSessionProvider is missing");
  complaints.mockClear();
});
