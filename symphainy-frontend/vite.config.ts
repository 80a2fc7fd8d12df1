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
    // Charts and diagrams are parts of their own, fetched when one is shown; what loads at once has a budget of its own.
    chunkSizeWarningLimit: 1_200,
    // What every part needs is in two files: the libraries, which stay the same for long, and the page's own.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "react", test: /node_modules[\\/](?:react|react-dom|scheduler)[\\/]/ },
            {
              name: "ui",
              test: /app[\\/]ui[\\/](?:Icon|Button|Notice|Boundary)\.tsx$|sync[\\/]problem\.ts$|preload-helper/,
            },
          ],
        },
      },
    },
  },
  server: {
    host: "127.0.0.1",
    proxy: { "/api": { target: "http://127.0.0.1:8000" } },
  },
});
