/** Shapes of the HTTP API (v1) as the UI uses them. */

export type Scalar = number | string | null;

export interface Best { name: string; value: Scalar; step: number | null; mode: string | null }

export interface ExperimentRow {
  id: string; project: string; name: string; path: string; status: string;
  created_at: number | null; started_at: number | null; ended_at: number | null; duration_s: number | null;
  heartbeat_at: number | null; deleted_at: number | null;
  tags: string[]; note: string; pinned: boolean; archived: boolean; display_name: string | null;
  group: string | null; job_type: string | null; host: string | null;
  best_metric: Best | null; summary: Record<string, unknown>;
}

export interface MetricInfo {
  key: string; n: number; first_step: number; last_step: number; last: Scalar;
  min: Scalar; min_step: number | null; max: Scalar; max_step: number | null; mean: Scalar;
  n_nan: number; n_posinf: number; n_neginf: number; last_ts: number;
}

export interface ExitInfo { kind?: string; type?: string; message?: string; traceback?: string }

export interface Trouble { when?: number; plugin?: string; what?: string; count?: number }

export interface RunDetail {
  id: string; project: string; name: string; path: string; title: string; status: string;
  created_at: number | null; started_at: number | null; ended_at: number | null; duration_s: number | null;
  heartbeat_at: number | null; deleted_at: number | null; tags: string[]; note: string; pinned: boolean; archived: boolean; display_name: string | null;
  meta: Record<string, unknown>; params: Record<string, unknown>; summary: Record<string, unknown>;
  best_metric: Best | null; exit: ExitInfo | null; trouble: Trouble[]; environment: boolean;
  metrics: MetricInfo[]; texts: Record<string, unknown>; media: string[]; artifacts: unknown; alerts: AlertInfo[];
  /** Why some of what it logged is not here. */
  unreadable: string | null;
}

export interface MediaItem {
  key: string; step: number | null; time: number; type: string; path: string;
  caption: string | null; width: number | null; height: number | null;
  /** Whatever else its media type wrote. */
  fields: Record<string, unknown>;
}

export interface LogLine { n: number; time: number | null; stream: string; level: string | null; text: string }

export interface LogPage { lines: LogLine[]; next_offset: number; size: number }

/** Values for drawing: the server's own array where it needs no change. */
export type Values = Float64Array | Float32Array;

/** One metric of one run on one grid; arrays have one entry per bucket, or per point where there are few (`raw`). */
export interface Series {
  x: Float64Array; bucket: Float64Array; first: Values; min: Values; max: Values; last: Values; mean: Values; raw: boolean;
  /** Where `last` was logged, in units of x. */
  at: Float64Array; bad: { x: number; kind: 'nan' | 'inf' }[];
}

/** 'step', 'relative' (seconds since the run's start), 'wall' (Unix seconds) or a metric. */
export type XAxis = string;

export interface View { x: XAxis; from: number; to: number; buckets: number; log: boolean;
  /** With all digits: a zoom may show differences that single precision rounds away. */
  exact: boolean }

export interface Line {
  /** What is highlighted with it: a run's folder or a group. */
  id: string;
  /** Unique among the lines of a panel. */
  key: string;
  name: string; color: string; dash: number[]; series: Series; smooth: Float64Array | null;
  /** The spread of a group around its mean. */
  band?: { low: Float64Array; high: Float64Array };
  /** A member of a group: drawn faintly, not named at the cursor. */
  faint?: boolean;
}

/** What a panel draws: metrics or formulas over metrics. */
export interface PanelSpec { id: string; title: string; section: string; expressions: string[]; custom: boolean }

/** What one panel does differently from the toolbar; absent: as the toolbar says. */
export interface PanelOptions {
  log?: boolean; smoothing?: number; outliers?: boolean; delta?: boolean; best?: 'off' | 'min' | 'max'; shade?: boolean;
  low?: number | null; high?: number | null;
}

export interface AlertInfo { time: number; step: number | null; level: string; title: string; text: string; rule: string }

export interface Range { from: number; to: number }

export interface PluginInfo {
  name: string; distribution: string; version: string; state: string; reason: string; api: number | null;
  hooks: string[]; adds: string[]; load_ms: number | null; runs_at_next_start: boolean; errors: string[]; warnings: string[];
}

export interface FieldForm {
  key: string; kind: 'switch' | 'whole' | 'number' | 'text' | 'choice' | 'several' | 'list' | 'other'; choices: string[]; optional: boolean;
  secret: boolean; help: Record<string, string>; value: unknown; origin: string; fixed: boolean;
}

export interface SectionForm { title: string; fields: FieldForm[] }
