/** How readers arrange the first page: which projects have a star. Kept beside the runs, for everybody who opens them. */
import { signal } from '@preact/signals';
import { apiUrl, request } from '../api.js';
import { attempt } from '../components/feedback.js';

const URL = apiUrl('ui-preferences', { view: 'home' });
/** Null until it is known. @type {import('@preact/signals').Signal<ReadonlySet<string> | null>} */
export const starred = signal(null);

export async function loadStars() {
  try {
    const found = /** @type {any} */ (await request(URL, { quiet: true }));
    starred.value = new Set((Array.isArray(found?.starred) ? found.starred : []).filter((/** @type {unknown} */ one) => typeof one === 'string'));
  } catch { /* without it no project has a star, and none can be given */ }
}

/** @param {string} project */
export async function toggleStar(project) {
  const before = starred.peek();
  if (!before) return;
  const next = new Set(before);
  if (!next.delete(project)) next.add(project);
  starred.value = next;
  if (!(await attempt(() => request(URL, { method: 'PUT', body: { starred: [...next].sort() }, quiet: true })))) starred.value = before;
}
