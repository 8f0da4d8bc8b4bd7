/** Answers of the HTTP API, as far as the page reads them. Times are ISO-8601 texts with Z. */

export interface Page<T> {
  data: T[];
  count: number;
  next: string | null;
}

export interface VesselHit {
  mmsi: string;
  name: string | null;
  callsign: string | null;
  imo: string | null;
  flag: string | null;
  vessel_type_name: string | null;
  first_seen: string;
  last_seen: string;
  fixes: number;
}

export interface Counted {
  value: string;
  fixes: number;
}

export interface LastPosition {
  timestamp: string;
  latitude: number;
  longitude: number;
  speed: number | null;
  course: number | null;
  heading: number | null;
  status: number | null;
  nearest_port: string | null;
  distance_to_port: number | null;
  speed_category: string | null;
}

export interface Vessel {
  mmsi: string;
  name: string | null;
  names: Counted[] | null;
  callsign: string | null;
  callsigns: Counted[] | null;
  imo: string | null;
  imos: Counted[] | null;
  flag: string | null;
  flag_country: string | null;
  vessel_type: number | null;
  vessel_type_name: string | null;
  length: number | null;
  width: number | null;
  draft: number | null;
  transceiver: string | null;
  first_seen: string;
  last_seen: string;
  days_seen: number;
  fixes: number;
  last_position: LastPosition | null;
  gaps: { count: number; open: number; longest_h: number | null } | null;
  /** Of other datasets than ships: what it told last, in words. */
  told?: { name: string; value: string }[];
}

export interface Column {
  name: string;
  type: string;
  unit: string;
  doc: string;
}

/** A dataset of the lake. */
export interface Dataset {
  dataset: string;
  /** What a mover is called. */
  word: string;
  doc: string;
  fixes: number | null;
  movers: number | null;
  gaps: number | null;
  first: string | null;
  last: string | null;
  watermark: string | null;
  /** The measure that is a speed. */
  speed: string | null;
  speed_unit: string | null;
  measures: Column[];
  columns: Column[];
}

export interface Mover {
  id: string;
  first_seen: string;
  last_seen: string;
  days_seen: number;
  fixes: number;
  last_position: Record<string, string | number | boolean | null>;
  gaps: { count: number; open: number; longest_h: number | null };
}

export interface VesselDays {
  mmsi: string;
  days: { date: string; fixes: number; first_ts: string; last_ts: string; max_speed?: number | null }[];
}

export type ApiPoint = [time: number, lon: number, lat: number, speed: number | null];

export interface TrackAnswer {
  mmsi: string;
  points_total: number;
  points: ApiPoint[];
}

export interface TracksAnswer {
  tracks: (TrackAnswer & { name: string | null })[];
}

export interface TopAnswer {
  data: { mmsi: string; name: string | null; points: number }[];
}

export interface Companion {
  mmsi: string;
  name: string | null;
  days_together: number;
  days_both_seen: number;
  hours_together: number | null;
  share: number | null;
  avg_distance: number | null;
  score: number;
  first_day: string;
  last_day: string;
}

export interface CompanionsAnswer {
  mmsi: string;
  companions: Companion[];
  count: number;
}

export interface GapEvent {
  event_id: string;
  kind: string;
  mmsi: string;
  name: string | null;
  start: string;
  end: string | null;
  is_closed: boolean;
  duration_h: number | null;
  distance_m: number | null;
  implied_speed_knots: number | null;
  start_lat: number | null;
  start_lon: number | null;
  end_lat: number | null;
  end_lon: number | null;
  version: number;
}

export interface Port {
  port_id: string;
  port_name: string;
  latitude: number;
  longitude: number;
  country: string | null;
  unlocode: string | null;
}

export interface Timeline {
  start: string;
  end: string;
  step_s: number;
  counts: number[];
}

export interface Overview {
  watermark: string | null;
  fixes: number | null;
  vessels: number | null;
  days: { date: string; fixes: number; vessels: number }[];
  speeds: { from_kn: number; to_kn: number | null; count: number }[];
  gap_durations: { from_h: number; to_h: number | null; count: number }[];
  rejects: { reason: string; count: number }[];
  /** Null of a past state: the ledger is of now. */
  sources: { count: number; rows: number; duplicates: number; rejects: number } | null;
}

export interface TableSummary {
  name: string;
  doc: string | null;
  rows: number | null;
  snapshot_id: string | number | null;
  committed_at: string | null;
  partition: string[];
  inputs: string[];
}

export interface Snapshot {
  snapshot_id: string | number;
  committed_at: string;
  operation: string | null;
  rows: number | null;
  added_rows: number | null;
  deleted_rows: number | null;
}

export interface TableDetail extends TableSummary {
  columns: { name: string; type: string; unit: string | null; required: boolean; doc: string | null }[];
  snapshots: Snapshot[];
}
