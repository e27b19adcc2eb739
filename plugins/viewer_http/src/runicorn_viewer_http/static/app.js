/** The web UI's entry: one page at a time below one bar. */
import { Component, render } from 'preact';
import { useEffect } from 'preact/hooks';
import { html } from './html.js';
import { t } from './i18n/index.js';
import { followLink, path } from './router.js';
import { Banner } from './components/topbar.js';
import { Help, helpOpen } from './components/help.js';
import { Empty, ErrorCard, Toast } from './components/feedback.js';
import { useKeys } from './components/keyboard.js';
import { Home } from './pages/home.js';
import { Workspace } from './pages/workspace.js';
import { Palette } from './components/palette.js';
import { useGoKeys } from './components/go-keys.js';
import { later } from './components/later.js';
import { Page } from './components/page.js';
import { findPlugins, known, pageAt, unknown } from './extend/registry.js';
import { PluginPage } from './extend/slot.js';

const Compare = later(async () => (await import('./pages/compare.js')).Compare);
const TablePage = later(async () => (await import('./pages/table.js')).TablePage);
const MediaPage = later(async () => (await import('./pages/media.js')).MediaPage);
const Run = later(async () => (await import('./pages/run.js')).Run);
const NoRun = later(async () => (await import('./pages/run.js')).NoRun);
const RecycleBin = later(async () => (await import('./pages/recycle-bin.js')).RecycleBin);
const Plugins = later(async () => (await import('./pages/plugins.js')).Plugins);
const Settings = later(async () => (await import('./pages/settings.js')).Settings);
const SystemPage = later(async () => (await import('./pages/system.js')).SystemPage);

/** A page that breaks shows what broke and leaves the rest of the viewer alone. */
class Guard extends Component {
  /** @param {any} props */
  constructor(props) {
    super(props);
    /** @type {{error: Error | null}} */
    this.state = { error: null };
  }

  /** @param {Error} error */
  static getDerivedStateFromError(error) {
    return { error };
  }

  render() {
    const { error } = /** @type {{error: Error | null}} */ (this.state);
    if (!error) return /** @type {any} */ (this.props).children;
    return html`<${Page}><div class="page"><${ErrorCard} error=${error} what=${t('error.page')} retry=${() => location.reload()} /></div></${Page}>`;
  }
}

/** @param {string} segment @returns {string | null} null where it is not encoded rightly */
function decoded(segment) {
  try { return decodeURIComponent(segment); } catch { return null; }
}

function Router() {
  const where = path.value;
  if (where === '/') return html`<${Home} />`;
  if (where === '/workspace') return html`<${Workspace} />`;
  if (where === '/compare') return html`<${Compare} />`;
  if (where === '/table') return html`<${TablePage} />`;
  if (where === '/media') return html`<${MediaPage} />`;
  if (where === '/recycle-bin') return html`<${RecycleBin} />`;
  if (where === '/settings') return html`<${Settings} />`;
  if (where === '/system') return html`<${SystemPage} />`;
  if (where === '/plugins') return html`<${Plugins} />`;
  const run = /^\/runs\/([^/]+)$/.exec(where);
  if (run) {
    const id = decoded(run[1]);
    return id === null ? html`<${NoRun} id=${run[1]} />` : html`<${Run} key=${id} id=${id} />`;
  }
  const page = pageAt(where);
  if (page) return html`<${PluginPage} key=${where} entry=${page.entry} part=${page.part} />`;
  if (!known.value) return html`<${Page}>${unknown.value && html`<div class="page"><${ErrorCard} error=${unknown.value} what=${t('error.plugins')} retry=${findPlugins} /></div>`}</${Page}>`;
  return html`<${Page}><${Empty} title=${t('notFound.title')}><p>${t('notFound.text')} <a href="/">${t('nav.projects')}</a></p></${Empty}></${Page}>`;
}

function App() {
  useGoKeys();
  useKeys({ '?': () => { helpOpen.value = true; } });
  useEffect(() => {
    document.addEventListener('click', followLink);
    return () => document.removeEventListener('click', followLink);
  }, []);
  return html`<${Banner} /><${Guard} key=${path.value}><${Router} /></${Guard}><${Help} /><${Palette} /><${Toast} />`;
}

// a key that goes to an input method (Chinese, Japanese) is none of ours; Safari says so by its number alone
addEventListener('keydown', (event) => { if (event.isComposing || event.keyCode === 229) event.stopImmediatePropagation(); }, { capture: true });

render(html`<${App} />`, /** @type {HTMLElement} */ (document.getElementById('app')));
// after the first paint
requestAnimationFrame(() => setTimeout(findPlugins));
