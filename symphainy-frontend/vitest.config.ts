import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  test: {
    passWithNoTests: true,
    testTimeout: 10_000,
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: { name: "sync", environment: "node", include: ["shared/sync/**/*.test.ts"] },
      },
      {
        extends: true,
        test: {
          name: "react",
          environment: "jsdom",
          include: ["{app,shared/session,shared/hooks}/**/*.test.{ts,tsx}"],
          setupFiles: ["vitest.setup.ts"],
        },
      },
    ],
  },
});
