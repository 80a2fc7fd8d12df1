import { expect, test } from "vitest";
import { ManualClock } from "./testing/clock";
import { FakeUpload } from "./testing/uploads";
import { CUTS_ENDURED, Uploads } from "./uploads";

const WHOLE = { process: true, metadataOnly: false };

function world() {
  const requests: FakeUpload[] = [];
  const clock = new ManualClock();
  const network = { online: true };
  let ids = 0;
  const uploads = new Uploads({
    url: "/api/v1/sessions/ses_1/files",
    headers: {},
    onChange: () => {},
    environment: {
      timers: clock,
      online: () => network.online,
      newId: (prefix) => {
        ids += 1;
        return `${prefix}_${ids}`;
      },
      newUpload: () => {
        const request = new FakeUpload();
        requests.push(request);
        return request as unknown as XMLHttpRequest;
      },
    },
  });
  const last = () => requests.at(-1) ?? new FakeUpload();
  return { uploads, requests, last, clock, network };
}

const files = [new File(["12345"], "a.csv"), new File(["1234567890"], "b.csv")];

test("an upload shows how far it is and ends with the server's files", async () => {
  const { uploads, last } = world();
  const done = uploads.add(files, WHOLE);
  expect(last().url).toBe("/api/v1/sessions/ses_1/files?process=true");
  expect(
    last()
      .body?.getAll("files")
      .map((file) => (file as File).name),
  ).toEqual(["a.csv", "b.csv"]);
  expect(uploads.list).toMatchObject([{ names: ["a.csv", "b.csv"], size: 15, sent: 0, status: "sending" }]);
  last().upload.onprogress?.({ loaded: 100, total: 200 });
  expect(uploads.list[0]).toMatchObject({ sent: 8, status: "sending" });
  last().upload.onload?.();
  expect(uploads.list[0]?.status).toBe("saving");
  last().answer(201, { files: [{ file_id: "file_1" }] });
  expect(await done).toEqual([{ file_id: "file_1" }]);
  expect(uploads.list).toEqual([]);
});

test("a refused upload says why and stays until it is forgotten", async () => {
  const { uploads, last } = world();
  const done = uploads.add(files, WHOLE);
  last().answer(413, { code: "too_large", detail: "At most 10 bytes." });
  await expect(done).rejects.toMatchObject({ code: "too_large", status: 413, detail: "At most 10 bytes." });
  expect(uploads.list[0]).toMatchObject({ status: "failed", problem: { code: "too_large" } });
  uploads.cancel(uploads.list[0]?.upload_id ?? "");
  expect(uploads.list).toEqual([]);
});

test("an upload that was cut is sent again by itself with the same key, so that no file is kept twice", async () => {
  const { uploads, requests, last, clock } = world();
  const done = uploads.add(files, { process: false, metadataOnly: false });
  last().upload.onprogress?.({ loaded: 100, total: 200 });
  last().onerror?.();
  expect(uploads.list[0]).toMatchObject({ status: "waiting", sent: 0, problem: { code: "unreachable" } });
  await clock.advance(1_000);
  expect(uploads.list[0]).toMatchObject({ status: "sending", sent: 0, problem: null });
  last().answer(503, { code: "starting" });
  expect(uploads.list[0]?.status).toBe("waiting");
  uploads.kick();
  uploads.kick();
  last().answer(201, { files: [] });
  expect(await done).toEqual([]);
  expect(requests.map((request) => request.headers["Idempotency-Key"])).toEqual(["upl_1", "upl_1", "upl_1"]);
  expect(requests.map((request) => request.url.endsWith("process=false"))).toEqual([true, true, true]);
  await clock.advance(60_000);
  expect(requests).toHaveLength(3);
});

test("an upload that is cut again and again is the user's to decide, but not while there is no network", async () => {
  const { uploads, requests, last, clock, network } = world();
  const done = expect(uploads.add(files, WHOLE)).rejects.toMatchObject({ code: "unreachable" });
  network.online = false;
  for (let cut = 0; cut < 2 * CUTS_ENDURED; cut += 1) {
    last().onerror?.();
    await clock.advance(15_000);
  }
  expect(uploads.list[0]?.status).toBe("sending");
  network.online = true;
  for (let cut = 0; cut < CUTS_ENDURED; cut += 1) {
    last().onerror?.();
    await clock.advance(15_000);
  }
  await done;
  expect(uploads.list[0]?.status).toBe("failed");
  const again = uploads.retry("upl_1");
  last().answer(201, { files: [] });
  expect(await again).toEqual([]);
  expect(new Set(requests.map((request) => request.headers["Idempotency-Key"]))).toEqual(new Set(["upl_1"]));
});

test("an upload that waits is cancelled for good", async () => {
  const { uploads, requests, last, clock } = world();
  const done = uploads.add(files, WHOLE);
  last().onerror?.();
  uploads.cancel("upl_1");
  await expect(done).rejects.toMatchObject({ code: "aborted" });
  await clock.advance(60_000);
  expect([uploads.list.length, requests.length]).toEqual([0, 1]);
});

test("a cancelled upload stops, and what comes after is ignored", async () => {
  const { uploads, last } = world();
  const done = uploads.add(files, WHOLE);
  uploads.cancel("upl_1");
  expect(last().aborted).toBe(true);
  await expect(done).rejects.toMatchObject({ code: "aborted" });
  last().onerror?.();
  last().upload.onload?.();
  expect(uploads.list).toEqual([]);
});

test("an answer that is no JSON is a failure, not a crash", async () => {
  const { uploads, last } = world();
  const done = uploads.add(files, WHOLE);
  last().answer(500, "<html>Broken</html>");
  await expect(done).rejects.toMatchObject({ status: 500, code: "http_500" });
  const again = uploads.retry("upl_1");
  last().answer(201, "<html>A login page</html>");
  expect(uploads.list[0]).toMatchObject({ status: "waiting", problem: { code: "unreachable" } });
  uploads.cancel("upl_1");
  await expect(again).rejects.toMatchObject({ code: "aborted" });
});

test("closing stops every upload", async () => {
  const { uploads, requests } = world();
  const done = Promise.allSettled([uploads.add(files, WHOLE), uploads.add(files, WHOLE)]);
  uploads.close();
  expect(requests.every((request) => request.aborted)).toBe(true);
  expect((await done).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});
