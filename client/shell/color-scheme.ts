/** Light or dark, as the system says until the person decides; the same key as public/first-paint.js reads. */
import { localStorageColorSchemeManager } from '@mantine/core';

export const colorSchemeManager = localStorageColorSchemeManager({ key: 'color-scheme' });
