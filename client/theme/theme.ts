/** Our design on top of Mantine: measures in steps of 8 px, Inter, one accent, tinted greys. Colours: tokens.css. */
import {
  createTheme,
  type CSSVariablesResolver,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core';

const pine: MantineColorsTuple = [
  '#effaf7',
  '#dcf2ec',
  '#b6e4d8',
  '#8bd4c2',
  '#4cc2aa',
  '#3faf97',
  '#25957e',
  '#0f7a68',
  '#0b6355',
  '#084d42',
];
const gray: MantineColorsTuple = [
  '#f7f9f8',
  '#eef1f0',
  '#e4e9e7',
  '#dfe5e3',
  '#c3cdc9',
  '#a3b0ab',
  '#7b8a84',
  '#5a6a65',
  '#3f4f4a',
  '#13201d',
];
const dark: MantineColorsTuple = [
  '#e9f0ed',
  '#c6d2cd',
  '#8fa09a',
  '#6c7d77',
  '#3b4a45',
  '#26322f',
  '#1c2624',
  '#161e1c',
  '#111917',
  '#0d1312',
];

const red: MantineColorsTuple = [
  '#fdf1f0',
  '#fbe3e1',
  '#f3c1bd',
  '#ec9d97',
  '#e58078',
  '#d4564d',
  '#bf3f36',
  '#ab2a22',
  '#8f211a',
  '#701812',
];

/** What is written on our colours follows the tokens: Mantine would choose it by the light palette for both. */
const variantColorResolver: VariantColorsResolver = (asked) => {
  const resolved = defaultVariantColorsResolver(asked);
  const color = asked.color ?? asked.theme.primaryColor;
  if (color !== 'pine' && color !== 'red') return resolved;
  if (asked.variant === 'filled') return { ...resolved, color: color === 'pine' ? 'var(--on-brand)' : 'var(--on-red)' };
  if (asked.variant !== 'light' || color !== 'pine') return resolved;
  return { ...resolved, background: 'var(--brand-soft)', hover: 'var(--brand-soft-hover)', color: 'var(--brand-ink)' };
};

export const theme = createTheme({
  primaryColor: 'pine',
  primaryShade: { light: 7, dark: 4 },
  variantColorResolver,
  colors: { pine, gray, dark, red },
  fontFamily: 'var(--font)',
  headings: { fontFamily: 'var(--font)', fontWeight: '620' },
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.9375rem', lg: '1.0625rem', xl: '1.25rem' },
  spacing: { xs: '4px', sm: '8px', md: '16px', lg: '24px', xl: '32px' },
  radius: { xs: '4px', sm: '6px', md: '10px', lg: '14px', xl: '20px' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  focusRing: 'auto',
  components: {
    Button: { defaultProps: { size: 'sm' } },
    Modal: {
      defaultProps: {
        centered: true,
        radius: 'lg',
        overlayProps: { backgroundOpacity: 0.4, blur: 2 },
        transitionProps: { transition: 'fade', duration: 120 },
      },
    },
    Tooltip: { defaultProps: { openDelay: 400, withArrow: true, events: { hover: true, focus: true, touch: false } } },
    Menu: { defaultProps: { radius: 'md', shadow: 'md', transitionProps: { transition: 'fade', duration: 100 } } },
  },
});

/** Mantine's own variables follow the tokens, so that its parts and ours are one surface. */
export const cssVariablesResolver: CSSVariablesResolver = () => {
  const shared = {
    '--mantine-color-body': 'var(--surface)',
    '--mantine-color-text': 'var(--ink)',
    '--mantine-color-dimmed': 'var(--ink-3)',
    '--mantine-color-default': 'var(--surface)',
    '--mantine-color-default-hover': 'var(--hover)',
    '--mantine-color-default-color': 'var(--ink)',
    '--mantine-color-default-border': 'var(--line-strong)',
    '--mantine-color-placeholder': 'var(--ink-3)',
    '--mantine-color-anchor': 'var(--brand-ink)',
    '--mantine-color-error': 'var(--red)',
    '--mantine-shadow-md': 'var(--shadow-3)',
    '--mantine-shadow-xl': 'var(--shadow-3)',
  };
  return { variables: {}, light: shared, dark: shared };
};
