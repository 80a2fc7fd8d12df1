import { IDBFactory } from "fake-indexeddb";
import { afterEach, expect, test, vi } from "vitest";
import { type LocalStorage, OPENED_WITHIN_MS, openStorage } from "./storage";
import { ManualClock } from "./testing/clock";

const clock = new ManualClock();

const keyRange = async () => vi.stubGlobal("IDBKeyRange", (await import("fake-indexeddb")).IDBKeyRange);
afterEach(() => vi.unstubAllGlobals());

async function behaves(storage: LocalStorage): Promise<void> {
  await storage.put("commands", "ses_1/b", { text: "two" });
  await storage.put("commands", "ses_1/a", { text: "one" });
  await storage.put("commands", "ses_10/a", { text: "another session's" });
  await storage.put("marks", "ses_1/a", { text: "another table's" });
  expect(await storage.all("commands", "ses_1/")).toEqual([{ text: "one" }, { text: "two" }]);
  expect(await storage.get("commands", "ses_1/b")).toEqual({ text: "two" });
  expect(await storage.get("commands", "ses_1/c")).toBeUndefined();
  await storage.put("commands", "ses_1/b", { text: "new" });
  await storage.delete("commands", "ses_1/a");
  await storage.delete("commands", "ses_1/never");
  expect(await storage.all("commands", "ses_1/")).toEqual([{ text: "new" }]);
}

test("without IndexedDB it keeps in memory", () => behaves(openStorage(null, clock)));

test("with IndexedDB the next visit finds what was kept", async () => {
  await keyRange();
  const factory = new IDBFactory();
  await behaves(openStorage(factory, clock));
  expect(await openStorage(factory, clock).all("commands", "")).toEqual([
    { text: "new" },
    { text: "another session's" },
  ]);
});

test("a database that cannot be opened is as good as none", async () => {
  const broken = { open: () => ({}) as IDBOpenDBRequest } as unknown as IDBFactory;
  const opened: Partial<IDBOpenDBRequest>[] = [];
  broken.open = () => {
    const request: Partial<IDBOpenDBRequest> = { error: new DOMException("denied", "SecurityError") };
    opened.push(request);
    queueMicrotask(() => request.onerror?.call(request as IDBOpenDBRequest, new Event("error")));
    return request as IDBOpenDBRequest;
  };
  await behaves(openStorage(broken, clock));
  expect(opened).toHaveLength(1);
});

test("a database that never opens is as good as none", async () => {
  const silent = { open: () => ({}) } as unknown as IDBFactory;
  const behaved = behaves(openStorage(silent, clock));
  await clock.advance(OPENED_WITHIN_MS);
  await behaved;
});

test("a database that is closed under the page costs no write", async () => {
  await keyRange();
  const factory = new IDBFactory();
  const storage = openStorage(factory, clock);
  await storage.put("marks", "ses_1", { read: 1 });
  await new Promise<void>((resolve) => {
    factory.deleteDatabase("symphainy").onsuccess = () => resolve();
  });
  await storage.put("marks", "ses_1", { read: 2 });
  expect(await storage.get("marks", "ses_1")).toEqual({ read: 2 });
});
