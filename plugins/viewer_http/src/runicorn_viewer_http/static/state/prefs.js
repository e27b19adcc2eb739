/** What one reader prefers on this machine: the theme. (The language lives in i18n.) */
import { computed, effect, signal } from '@preact/signals';

const media = matchMedia('(prefers-color-scheme: dark)');
const systemDark = signal(media.matches);
media.addEventListener('change', () => { systemDark.value = media.matches; });

const root = document.documentElement;
/** 'system', 'light' or 'dark'; theme.js has set the class before the first paint. */
export const theme = signal(root.classList.contains('dark') ? 'dark' : root.classList.contains('light') ? 'light' : 'system');
export const dark = computed(() => (theme.value === 'system' ? systemDark.value : theme.value === 'dark'));

effect(() => {
  root.classList.toggle('dark', theme.value === 'dark');
  root.classList.toggle('light', theme.value === 'light');
});

export const nextTheme = () => setTheme({ system: 'light', light: 'dark', dark: 'system' }[theme.value] ?? 'system');

/** @param {string} value 'system', 'light' or 'dark' */
export function setTheme(value) {
  theme.value = value;
  try {
    if (value === 'system') localStorage.removeItem('runicorn.theme');
    else localStorage.setItem('runicorn.theme', value);
  } catch { /* storage is blocked: the choice lasts for this page */ }
}

/** Asking the page is dear, and every chart asks. @type {Map<string, string>} */
const colors = new Map();
effect(() => { void dark.value; colors.clear(); });

/** The visible colour of a token such as '--fg-3', for canvases. @param {string} token */
export function cssColor(token) {
  const known = colors.get(token);
  if (known) return known;
  const probe = document.createElement('span');
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  colors.set(token, color);
  return color;
}
