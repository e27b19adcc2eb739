/** What a plugin of the web interface exports, and what it is given. `import type { Plugin } from 'runicorn'`. */
import type { ReadonlySignal } from '@preact/signals';

export type Cleanup = () => void;

/** The default export of a plugin's module. */
export interface Plugin {
  apiVersion: 1;
  panels?: PanelModule[];
  pages?: PageModule[];
  /** Texts by language and key: `{ 'zh-CN': { 'acme.title': '…' } }`. Begin keys with a name of your own. */
  i18n?: Record<string, Record<string, string>>;
}

export interface PanelModule {
  /** The id that the Python side declares. */
  id: string;
  /** In the slot `media`: whether the panel is for an item. Without it, it is for all. */
  match?: (item: MediaItem) => boolean;
  /** In the slot `media`: the panel draws the pictures that `match`, so that the viewer does not show them a second time. */
  instead?: boolean;
  /** Draw into `el`; the function that is returned is called when the panel goes away. May be async. */
  mount: (el: HTMLElement, ctx: Context) => void | Cleanup | Promise<void | Cleanup>;
}

export interface PageModule {
  id: string;
  mount: (el: HTMLElement, ctx: Context) => void | Cleanup | Promise<void | Cleanup>;
}

export interface Run {
  id: string; project: string; name: string; path: string; title: string; status: string; color: string; dash: number[];
  created_at: number | null; started_at: number | null; ended_at: number | null;
  tags: string[]; summary: Record<string, unknown>; best_metric: { name: string; value: unknown } | null;
}

export interface MediaItem {
  key: string; step: number | null; time: number; type: string; path: string; caption: string | null; width: number | null; height: number | null;
  /** Whatever else the media type wrote. */
  fields: Record<string, any>;
  /** Where the file is. */
  url: string;
}

export interface ChartLine {
  name: string; id?: string; color?: string; dash?: number[]; x: ArrayLike<number>; y: number[] | Float64Array;
  /** Points further apart than this in x are not joined. */
  gap?: number;
}
export interface Matrix { rows: string[]; columns: string[]; values: number[][] }
export interface ChartOptions {
  /** `line` (setData takes ChartLines) or `heatmap` (setData takes a Matrix). */
  kind?: 'line' | 'heatmap';
  x?: 'step' | 'relative' | 'wall';
  log?: boolean;
  /** Charts with one key share their cursor. */
  sync?: string;
  /** Ends of the y axis, where they do not depend on the values: of a share, 0 and 100. */
  low?: number | null;
  high?: number | null;
  /** How values are written, on the y axis and at the cursor, where they have a unit. */
  format?: (value: number) => string;
}
export interface Chart { setData(data: ChartLine[] | Matrix): void; destroy(): void }

export interface UrlState { value: string; peek(): string; subscribe(fn: (value: string) => void): Cleanup }

/** All of it ends with the panel: signals stand still, requests are aborted, charts are removed. */
export interface Context {
  project: ReadonlySignal<string>;
  /** Workspace: the runs that pass its filter; run: that one; page: all of the project in the address, or all. */
  runs: ReadonlySignal<Run[]>;
  /** Those of them that are drawn. */
  visible: ReadonlySignal<Run[]>;
  /** In the slot `media`: the items that `match`. */
  media: ReadonlySignal<MediaItem[]>;
  /** In the slot `media`: the step that the reader looks at. */
  step: ReadonlySignal<number | null>;
  xAxis: ReadonlySignal<'step' | 'relative' | 'wall'>;
  smoothing: ReadonlySignal<number>;
  theme: ReadonlySignal<'light' | 'dark'>;
  locale: ReadonlySignal<string>;
  /** Aborted when the panel goes away. */
  signal: AbortSignal;
  /** Ask this viewer: `fetchJson('/api/...')`. Throws an error with `status` and `code` where the answer is a problem. */
  fetchJson(path: string, options?: { method?: string; body?: unknown; signal?: AbortSignal }): Promise<any>;
  /** `metrics`, `status`, or with a run: `metrics:ID`. For runs that are being watched: those drawn, or those named here. */
  subscribe(topic: string, fn: (notice: { run: string; last_step?: number; values?: Record<string, unknown>; topic?: string }) => void): Cleanup;
  chart(el: HTMLElement, options?: ChartOptions): Chart;
  t(key: string, vars?: Record<string, string | number>): string;
  toast(text: string, options?: { bad?: boolean }): void;
  navigate(href: string, options?: { replace?: boolean }): void;
  /** A text in the address, so that reload and links keep it. */
  urlState(key: string, fallback?: string): UrlState;
}

export const apiVersion: 1;
export const html: (strings: TemplateStringsArray, ...values: any[]) => any;
/**
 * A Preact component as `mount` of a page or panel: it is drawn with `ctx`, again whenever a signal that it reads has changed, and goes
 * with the page. `styles`: its style sheet, `new URL('acme.css', import.meta.url)`, which holds before anything is drawn; `className` of the element around it.
 */
export function mountComponent(component: (props: { ctx: Context }) => any, options?: { styles?: string | URL; className?: string }): (el: HTMLElement, ctx: Context) => Promise<void | Cleanup>;
export const locale: ReadonlySignal<string>;
export function t(key: string, vars?: Record<string, string | number>): string;
export function toast(text: string, options?: { bad?: boolean }): void;
export function navigate(href: string, options?: { replace?: boolean }): void;
export function runHref(run: { id: string }, tab?: string): string;
export function workspaceHref(project: string, name?: string): string;
export function formatValue(value: unknown): string;
export function formatDuration(seconds: number | null): string;
export function formatTime(seconds: number | null): string;
export function formatAgo(seconds: number | null): string;
