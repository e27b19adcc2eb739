/** The module that plugins import as 'runicorn': what the viewer itself is made of. Types stand in runicorn.d.ts. */
export { API_VERSION as apiVersion } from './registry.js';
export { mountComponent } from './mount-component.js';
export { html } from '../html.js';
export { locale, t } from '../i18n/index.js';
export { navigate, runHref, workspaceHref } from '../router.js';
export { formatAgo, formatDuration, formatTime, formatValue } from '../charts/format.js';
export { toast } from '../components/feedback.js';
