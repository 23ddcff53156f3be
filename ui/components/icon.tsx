/** Line icons on a 20 px grid, drawn with the colour of the text around them. */
const PATHS = {
  overview: 'M3 3h6v8H3zM11 3h6v4h-6zM11 9h6v8h-6zM3 13h6v4H3z',
  devices: 'M4 3h12v5H4zM4 12h12v5H4zM7 5.5h.01M7 14.5h.01M10 8v4',
  trends: 'M3 3v14h14M6 12l3-4 3 2.5L16.5 5',
  alarms: 'M5 14V9a5 5 0 0 1 10 0v5l1.5 2h-13zM8.5 18h3',
  shelf: 'M3 8h14M5 8V4h4v4M11 8V5h4v3M3 15h14M6 15v-3h6v3',
  chat: 'M4 4h12v9H9l-4 3v-3H4z',
  sound: 'M3 8h3l4-3v10l-4-3H3zM13 7a4.2 4.2 0 0 1 0 6M15 4.5a8 8 0 0 1 0 11',
  mute: 'M3 8h3l4-3v10l-4-3H3zM13 8l4 4M17 8l-4 4',
  settings: 'M3 6h8M15 6h2M3 14h2M9 14h8M11 6a2 2 0 1 0 4 0 2 2 0 1 0-4 0M5 14a2 2 0 1 0 4 0 2 2 0 1 0-4 0',
  rules: 'M4 4h5v5H4zM11 11h5v5h-5zM6.5 9v4.5H11M13.5 11V6.5H9',
  more: 'M4.5 10h.01M10 10h.01M15.5 10h.01',
  chevron: 'M6.5 8.5 10 12l3.5-3.5',
  right: 'M8.5 6.5 12 10l-3.5 3.5',
  left: 'M11.5 6.5 8 10l3.5 3.5',
  search: 'M4 9a5 5 0 1 0 10 0A5 5 0 1 0 4 9M13 13l4 4',
  plus: 'M10 4v12M4 10h12',
  close: 'm5 5 10 10M15 5 5 15',
  check: 'm4 10.5 4 4 8-9',
  wifi: 'M3 8.5a10 10 0 0 1 14 0M5.5 11.5a6.4 6.4 0 0 1 9 0M8 14.4a3 3 0 0 1 4 0',
  rail: 'M3 4h14v12H3zM8 4v12',
  moon: 'M16.5 12A7 7 0 0 1 8 3.5a7 7 0 1 0 8.5 8.5z',
  copy: 'M7 7h9v9H7zM4 13V4h9',
  clock: 'M3 10a7 7 0 1 0 14 0 7 7 0 1 0-14 0M10 6v4l2.6 2',
  download: 'M10 3v10M6 9.5l4 4 4-4M4 17h12',
  user: 'M7 7a3 3 0 1 0 6 0 3 3 0 1 0-6 0M4 17c.6-3.2 3-5 6-5s5.4 1.8 6 5',
  warning: 'M10 3 18 17H2zM10 8.5v4M10 14.7v.01',
  disk: 'M4 5c0 1.3 2.7 2.3 6 2.3S16 6.3 16 5s-2.7-2.3-6-2.3S4 3.7 4 5M4 5v10c0 1.3 2.7 2.3 6 2.3s6-1 6-2.3V5M4 10c0 1.3 2.7 2.3 6 2.3s6-1 6-2.3',
  play: 'm7 4.5 8 5.5-8 5.5z',
  pause: 'M7 4.5v11M13 4.5v11',
  key: 'M3.5 13.5a3 3 0 1 0 6 0 3 3 0 1 0-6 0M8.8 11.2l7-7M13 7l2.5 2.5',
  calendar: 'M3.5 5h13v12h-13zM3.5 8.5h13M7 3v3M13 3v3',
  zoomOut: 'M4 9a5 5 0 1 0 10 0A5 5 0 1 0 4 9M13 13l4 4M7 9h4',
  zoomIn: 'M4 9a5 5 0 1 0 10 0A5 5 0 1 0 4 9M13 13l4 4M7 9h4M9 7v4',
  restore: 'M4 10a6 6 0 1 0 2-4.5L4 7.5M4 4v3.5h3.5',
  edit: 'M4 16l1-4 8-8 3 3-8 8zM11 6l3 3',
  trash: 'M4 6h12M8 6V4h4v2M6 6l.7 11h6.6L14 6M8.5 9v5M11.5 9v5',
  star: 'm10 3 2.2 4.6 5 .7-3.6 3.5.9 5L10 14.4l-4.5 2.4.9-5L2.8 8.3l5-.7z',
  link: 'M12 4h4v4M16 4l-7 7M8 4H4v12h12v-4',
  screen: 'M3 4h14v9H3zM7 17h6M10 13v4',
  signOut: 'M8 3H4v14h4M12 6l4 4-4 4M16 10H8',
  book: 'M4 4h5.5v12H4zM10.5 4H16v12h-5.5z',
  factory: 'M3 17V9l4 2.5V9l4 2.5V9l4 2.5V4h2v13z',
} as const;

export type IconName = keyof typeof PATHS;

/** A picture without a name of its own: what it means is said beside it, or by its button's label. */
export const Icon = ({ name, small = false }: { name: IconName; small?: boolean }) => (
  <svg class={small ? 'icon icon--sm' : 'icon'} viewBox="0 0 20 20" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);

/** The product's mark. */
export const Mark = () => (
  <svg class="mark" viewBox="0 0 18 18" aria-hidden="true">
    <path d="M1 17V8l5 3V8l5 3V8l5 3V2h1v15z" fill="currentColor" />
  </svg>
);
