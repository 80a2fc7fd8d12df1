import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../src/symphainy/web",
    emptyOutDir: true,
    target: "es2022",
    // The served page allows no data: sources and no inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The chart engine is one large part, loaded where a chart is shown.
    chunkSizeWarningLimit: 1200,
  },
  server: {
    host: "127.0.0.1",
    proxy: { "/api": { target: "http://127.0.0.1:8000" } },
  },
});
