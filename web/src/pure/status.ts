/** Navigational status of AIS messages 1 to 3 (ITU-R M.1371-5, table 49). */
const STATUS: readonly string[] = [
  'under way using engine',
  'at anchor',
  'not under command',
  'restricted manoeuvrability',
  'constrained by her draught',
  'moored',
  'aground',
  'engaged in fishing',
  'under way sailing',
];

export function statusText(status: number | null): string | null {
  if (status === null) return null;
  return STATUS[status] ?? (status === 14 ? 'AIS-SART is active' : null);
}
