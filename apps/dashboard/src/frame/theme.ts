import { createTheme, type MantineColorsTuple } from '@mantine/core';

/** Neutral greys: nothing in the frame may tint the photos. */
const gray: MantineColorsTuple = [
  '#f7f7f8',
  '#f0f0f2',
  '#e6e6e8',
  '#dadadd',
  '#c4c4c9',
  '#9b9ba1',
  '#66666c',
  '#4c4c52',
  '#323236',
  '#18181a',
];

/** Near black from shade 7 on, so that photos glow. */
const dark: MantineColorsTuple = [
  '#ededef',
  '#c8c8cd',
  '#9b9ba3',
  '#75757d',
  '#2e2e33',
  '#232327',
  '#18181b',
  '#0b0b0c',
  '#070708',
  '#000000',
];

const accent: MantineColorsTuple = [
  '#eaf0fd',
  '#d0dffb',
  '#a5c0f8',
  '#8db0ff',
  '#6f9bff',
  '#3d70e6',
  '#2458d3',
  '#1f4fc4',
  '#193f9e',
  '#132f77',
];

export const theme = createTheme({
  colors: { gray, dark, accent },
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 5 },
  black: '#18181a',
  defaultRadius: 'sm',
  respectReducedMotion: true,
  cursorType: 'pointer',
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.25rem', lineHeight: '1.3' },
      h2: { fontSize: '1rem', lineHeight: '1.35' },
      h3: { fontSize: '0.875rem', lineHeight: '1.4' },
    },
  },
  components: {
    Tooltip: { defaultProps: { openDelay: 300, withArrow: false } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    Modal: { defaultProps: { transitionProps: { duration: 120 } } },
  },
});
