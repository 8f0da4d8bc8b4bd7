import { computed, effect, signal } from '@preact/signals';

export type Theme = 'light' | 'dark';
export type ThemeChoice = Theme | 'system';

const KEY = 'seine.theme';

function stored(): ThemeChoice {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    return 'system'; // storage may be forbidden
  }
}

const darkQuery = window.matchMedia('(prefers-color-scheme: dark)');
const systemDark = signal(darkQuery.matches);
darkQuery.addEventListener('change', (event) => {
  systemDark.value = event.matches;
});

export const themeChoice = signal<ThemeChoice>(stored());

export const theme = computed<Theme>(() => {
  if (themeChoice.value !== 'system') return themeChoice.value;
  return systemDark.value ? 'dark' : 'light';
});

effect(() => {
  document.documentElement.dataset.theme = theme.value;
});

/**
 * The viewer's own habit and not part of what is looked at: kept here and not in the address. Back at the system's colours
 * it follows the system again.
 */
export function chooseTheme(wanted: Theme): void {
  const choice: ThemeChoice = wanted === (systemDark.value ? 'dark' : 'light') ? 'system' : wanted;
  themeChoice.value = choice;
  try {
    if (choice === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, choice);
  } catch {
    // Not kept then; it still holds for this visit.
  }
}

const motionQuery = window.matchMedia('(prefers-reduced-motion: reduce)');
export const reducedMotion = signal(motionQuery.matches);
motionQuery.addEventListener('change', (event) => {
  reducedMotion.value = event.matches;
});
