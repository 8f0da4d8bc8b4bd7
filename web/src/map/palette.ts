import type { Theme } from '../state/theme';

export interface Palette {
  sea: string;
  land: string;
  coast: string;
  border: string;
  label: string;
  halo: string;
  /** From few to many fixes per cell. */
  density: readonly [string, string, string, string, string];
  point: string;
  port: string;
  gap: string;
  openGap: string;
  focus: string;
  companion: string;
  casing: string;
}

export const PALETTES: Readonly<Record<Theme, Palette>> = {
  light: {
    sea: '#dfe9f0',
    land: '#f6f4ee',
    coast: '#b4c3cd',
    border: '#d3d0c6',
    label: '#5c6770',
    halo: '#f6f4ee',
    density: ['#b9d9e4', '#7fbcd2', '#3f93b8', '#1d6592', '#0b3a63'],
    point: '#1d6592',
    port: '#6a5320',
    gap: '#b3261e',
    openGap: '#d9480f',
    focus: '#0b57d0',
    companion: '#8a2be2',
    casing: '#ffffff',
  },
  dark: {
    sea: '#0d1821',
    land: '#1b2833',
    coast: '#35495a',
    border: '#2b3b49',
    label: '#91a3b2',
    halo: '#0d1821',
    density: ['#17384b', '#1f6076', '#2c9099', '#6cc3a4', '#f0f3a1'],
    point: '#6cc3d5',
    port: '#d9b96b',
    gap: '#ff8a80',
    openGap: '#ffb454',
    focus: '#7cc4ff',
    companion: '#d6a3ff',
    casing: '#0d1821',
  },
};
