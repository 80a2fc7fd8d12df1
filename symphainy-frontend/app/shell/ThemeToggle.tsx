import { IconButton } from "../ui/Button";
import type { IconName } from "../ui/Icon";
import { THEMES, type Theme, useTheme } from "./theme";

const LOOKS: Readonly<Record<Theme, { readonly icon: IconName; readonly word: string }>> = {
  system: { icon: "system", word: "as the system" },
  light: { icon: "sun", word: "light" },
  dark: { icon: "moon", word: "dark" },
};

export function ThemeToggle() {
  const [theme, choose] = useTheme();
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
  return (
    <IconButton
      icon={LOOKS[theme].icon}
      label={`Colours: ${LOOKS[theme].word}. Change to ${LOOKS[next].word}`}
      data-testid="theme-toggle"
      onClick={() => choose(next)}
    />
  );
}
