const PATHS = {
  upload: "M8 10.5V2.8M4.800 5.800 8 2.600l3.200 3.200M2.500 10.500v2a1 1 0 0 0 1 1h9a1 1 0 0 0 1-1v-2",
  download: "M8 2.500v7.700M4.800 7 8 10.200 11.200 7M2.500 11v1.500a1 1 0 0 0 1 1h9a1 1 0 0 0 1-1V11",
  close: "M4 4l8 8M12 4l-8 8",
  check: "M3.200 8.600l3.200 3.200 6.400-7.200",
  alert: "M8 4.500v4.300M8 11.300v.1",
  pause: "M6 5v6M10 5v6",
  chevron: "M4.500 6.500 8 10l3.500-3.500",
  back: "M9.800 3.800 5.600 8l4.200 4.200",
  plus: "M8 3v10M3 8h10",
  edit: "M10.700 3.200l2.100 2.100-7.300 7.300-2.800.7.7-2.800z",
  trash: "M3 4.500h10M6.200 4.300V2.800h3.600v1.500M4.500 4.700l.5 8.500h6l.5-8.500M6.900 7v4M9.100 7v4",
  send: "M8 13V3.200M4 7l4-4 4 4",
  stop: "M5 5h6v6H5z",
  retry: "M12.800 8A4.800 4.800 0 1 1 11 4.300M11.300 2v2.600H8.700",
  down: "M8 3v9.500M4.300 8.900 8 12.600l3.700-3.700",
  sun: "M8 5.200a2.800 2.800 0 1 0 0 5.600 2.800 2.800 0 0 0 0-5.600M8 1.500v1.300M8 13.200v1.300M1.500 8h1.300M13.200 8h1.300M3.400 3.400l.9.9M11.700 11.700l.9.9M12.600 3.400l-.9.9M4.300 11.700l-.9.9",
  moon: "M13 9.400A5.500 5.500 0 0 1 6.600 3a5.500 5.500 0 1 0 6.400 6.400z",
  system: "M2.500 3.500h11v7.300h-11zM6 13.200h4M8 10.800v2.400",
  table: "M2.500 3h11v10h-11zM2.500 6.300h11M6.200 6.300V13",
  sheet: "M2.500 3h11v10h-11zM2.500 6.300h11M2.500 9.700h11M6.200 3v10",
  braces:
    "M6 2.800c-1.800 0-1.800.8-1.800 2.200S4.200 8 2.800 8c1.400 0 1.400 1.600 1.400 3s0 2.200 1.800 2.200M10 2.800c1.800 0 1.800.8 1.800 2.200s0 3 1.400 3c-1.400 0-1.400 1.600-1.400 3s0 2.200-1.800 2.200",
  document: "M4 2h5l3.200 3.200V14H4zM9 2v3.200h3.200M6 8h4.200M6 10.700h4.200",
  slides: "M2.500 3h11v7.500h-11zM8 10.500v2.800M5.500 13.300h5",
  code: "M5.500 4.800 2.300 8l3.200 3.200M10.500 4.800 13.700 8l-3.200 3.200",
  columns: "M2.500 3h11v10h-11zM6.200 3v10M9.900 3v10",
  chat: "M2.500 3.500h11v7.500H8l-3.200 2.500V11H2.500z",
  areas: "M2.500 2.500h4.500V7H2.500zM9 2.500h4.500V7H9zM2.500 9h4.500v4.500H2.500zM9 9h4.500v4.500H9z",
  copy: "M5.500 5.500h8v8h-8zM10.500 5.300V2.500h-8v8h2.800",
  link: "M6.800 9.200a2.600 2.600 0 0 0 3.700 0l2-2a2.600 2.600 0 0 0-3.700-3.700l-.8.800M9.200 6.800a2.600 2.600 0 0 0-3.700 0l-2 2a2.600 2.600 0 0 0 3.700 3.700l.8-.8",
  arrow: "M3 8h9.500M8.900 4.300 12.600 8l-3.700 3.700",
  sparkline: "M2 11.500 5.500 7l3 2.500L14 3.500",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

export function Logo({ size = 24 }: { readonly size?: number }) {
  return (
    <svg className="logo" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" />
      <path d="M9.500 14.500a7 7 0 0 1 7 7" />
      <path d="M9.500 8.500a13 13 0 0 1 13 13" className="logo-far" />
      <circle cx="10" cy="21" r="2.600" />
    </svg>
  );
}
