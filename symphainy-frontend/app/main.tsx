import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { GlobalSessionProvider } from "../shared/session/GlobalSessionProvider";
import { App } from "./App";
import { applyTheme, storedTheme } from "./shell/theme";
import "./styles/tokens.css";
import "./styles/base.css";
import "./ui/ui.css";
import "./shell/shell.css";
import "./shell/notes.css";
import "./areas/areas.css";
import "./shell/narrow.css";

applyTheme(storedTheme());

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <GlobalSessionProvider>
      <App />
    </GlobalSessionProvider>
  </StrictMode>,
);
