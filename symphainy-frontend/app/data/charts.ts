import { part } from "../ui/part";

/** The chart with its library, which is large. */
export const VegaChart = part(() => import("./VegaChart"));
